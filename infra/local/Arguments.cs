using System.Globalization;

namespace IoFog.Operator.Local;

/// <summary>The command line.</summary>
internal sealed record Arguments
{
    public const string Usage = """
        Runs the whole operator on this machine and shows it working on infra/samples/ecn.yaml.

        dotnet run --project infra/local -- [options]

          --exit-when-ready        end with 0 when every object is Ready, with 1 and the reasons otherwise
          --timeout SECONDS        how long --exit-when-ready waits (default 150)
          --kubeconfig PATH        use this cluster instead of the emulator
          --controller URL         use this ioFog Controller instead of the emulator
          --functions-host COMMAND run the apps with this host instead of the emulator; func for the Azure Functions Core Tools
          --watcher PATH           the watcher's executable, for example a published one
          --app FOLDER             the function app's folder, for example a published one
          --verbose                print what the processes log

          --only controller        run nothing but the Controller emulator, until it is stopped; cluster for the cluster emulator
          --port NUMBER            where it is to answer (default: the system chooses)
          --bare                   without simulated devices, without kubelet and load balancer: somebody else plays them
        """;

    public bool ExitWhenReady { get; private init; }

    public bool Help { get; private init; }

    public bool Verbose { get; private init; }

    /// <summary><c>controller</c> or <c>cluster</c>: the one emulator that runs; null for the whole stack.</summary>
    public string? Only { get; private init; }

    /// <summary>Of that one emulator; 0 to let the system choose.</summary>
    public int Port { get; private init; }

    /// <summary>True where somebody else plays the devices of that Controller, or the nodes of that cluster.</summary>
    public bool Bare { get; private init; }

    public TimeSpan Timeout { get; private init; } = TimeSpan.FromSeconds(150);

    public StackOptions Stack { get; private init; } = new();

    /// <exception cref="InvalidOperationException">An option is unknown or lacks its value; the message names it.</exception>
    public static Arguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new Arguments();
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            parsed = name switch
            {
                "--exit-when-ready" => parsed with { ExitWhenReady = true },
                "--verbose" => parsed with { Verbose = true },
                "--bare" => parsed with { Bare = true },
                "--only" => parsed with { Only = Value() is "controller" or "cluster" ? args[i] : throw new InvalidOperationException("--only: controller or cluster") },
                "--port" => parsed with { Port = int.TryParse(Value(), CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535 ? port : throw new InvalidOperationException("--port: give a number from 0 to 65535") },
                "--help" or "-h" => parsed with { Help = true },
                "--timeout" => parsed with { Timeout = TimeSpan.FromSeconds(double.TryParse(Value(), CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : throw new InvalidOperationException("--timeout: give a number of seconds")) },
                "--kubeconfig" => parsed with { Stack = parsed.Stack with { Kubeconfig = Existing(Value()) } },
                "--controller" => parsed with { Stack = parsed.Stack with { Controller = Value().TrimEnd('/') } },
                "--functions-host" => parsed with { Stack = parsed.Stack with { FunctionsHost = Value() } },
                "--watcher" => parsed with { Stack = parsed.Stack with { Watcher = Existing(Value()) } },
                "--app" => parsed with { Stack = parsed.Stack with { App = Existing(Value()) } },
                _ => throw new InvalidOperationException($"{name}: unknown option; --help lists them"),
            };

            string Value() => ++i < args.Count ? args[i] : throw new InvalidOperationException($"{name}: its value is missing");

            string Existing(string path) => Path.Exists(path) ? Path.GetFullPath(path) : throw new InvalidOperationException($"{name}: {path} does not exist");
        }

        return parsed;
    }
}
