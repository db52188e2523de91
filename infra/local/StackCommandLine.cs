using System.CommandLine;

namespace IoFog.Operator.Local;

/// <summary>The options that say what of a stack is real, and which binaries run in it.</summary>
public sealed class StackCommandLine
{
    private readonly Option<FileInfo> kubeconfig = Existing<FileInfo>("--kubeconfig", "PATH", "A real cluster instead of the emulator");
    private readonly Option<string?> controller = new("--controller") { HelpName = "URL", Description = "A real ioFog Controller instead of the emulator" };
    private readonly Option<FileInfo> watcher = Existing<FileInfo>("--watcher", "PATH", "The watcher's executable, for example a published one");
    private readonly Option<DirectoryInfo> app = Existing<DirectoryInfo>("--app", "FOLDER", "The function app's folder, for example a published one");

    /// <summary>To be added to a command.</summary>
    public IReadOnlyList<Option> Options => [kubeconfig, controller, watcher, app];

    /// <summary>What was given; the rest is emulated, and as it was built.</summary>
    public StackOptions Of(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        var unsaid = new StackOptions();
        return unsaid with
        {
            Kubeconfig = parsed.GetValue(kubeconfig)?.FullName,
            Controller = parsed.GetValue(controller)?.TrimEnd('/'),
            Watcher = parsed.GetValue(watcher)?.FullName ?? unsaid.Watcher,
            App = parsed.GetValue(app)?.FullName ?? unsaid.App,
        };
    }

    private static Option<T> Existing<T>(string name, string value, string description)
        where T : FileSystemInfo
    {
        var option = new Option<T>(name) { HelpName = value, Description = description };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<T>() is { Exists: false } lost)
                given.AddError($"{name}: '{lost}' does not exist");
        });
        return option;
    }
}
