using System.Diagnostics;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.EndToEnd.Chart;

/// <summary>
/// What the document for clusters tells people to type, typed: by a shell, with the real helm and kubectl. Only what comes from the internet,
/// builds images or is somebody's cloud is noted instead.
/// </summary>
public sealed partial class ReadmeCommandsTests : IAsyncLifetime
{
    private const string Shell = """
        set -eu
        CONNECTION_STRING=UseDevelopmentStorage=true ACCOUNT=fogstorage CLIENT_ID=7c1a IDENTITY=fog GROUP=fogs OIDC_ISSUER=https://issuer.example.com
        az() { echo "az $*" >> "$NOTED"; }
        docker() { echo "docker $*" >> "$NOTED"; }
        helm() {
          case "$*" in
            "repo add "* | "install keda "*) echo "helm $*" >> "$NOTED" ;;
            uninstall*) command helm "$@" --no-hooks ;; # nobody runs the hook's Job in this cluster
            *) command helm "$@" ;;
          esac
        }

        """;

    private readonly string folder = Directory.CreateTempSubdirectory("iofog-readme-").FullName;
    private ClusterEmulator? cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Kubeconfig => Path.Combine(folder, "kubeconfig");

    private string[] Noted => File.Exists(Path.Combine(folder, "noted")) ? File.ReadAllLines(Path.Combine(folder, "noted")) : [];

    public async ValueTask InitializeAsync()
    {
        cluster = await ClusterEmulator.StartAsync(new(), null, Token);
        await File.WriteAllTextAsync(Kubeconfig, cluster.Kubeconfig, Token);
        await new Kubectl(Kubeconfig).RunAsync(Token, "apply", "-f", Path.Combine(Layout.Repository, "tests", "EndToEnd", "Chart", "keda.yaml"));
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Install_upgrade_and_uninstall()
    {
        await TypeAsync("## Install");
        Assert.Equal(["helm repo add kedacore https://kedacore.github.io/charts", "helm install keda kedacore/keda --namespace keda --create-namespace"], Noted);
        await TypeAsync("## Upgrade");
        Assert.Contains("STATUS: deployed", await ClientTool.RunAsync("helm", ["status", "iofog", "-n", "edge", "--kubeconfig", Kubeconfig], Token), StringComparison.Ordinal);
        await TypeAsync("## Uninstall");
        Assert.Equal("", await new Kubectl(Kubeconfig).RunAsync(Token, "get", "namespace", "edge", "--ignore-not-found"));
    }

    [Fact]
    public async Task Install_on_Azure()
    {
        await TypeAsync("### On Azure, with workload identity");
        var accounts = (await new Kubectl(Kubeconfig).RunAsync(Token, "get", "serviceaccounts", "-n", "edge", "-l", "app.kubernetes.io/part-of=iofog", "-o", "name"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(name => name.Split('/')[1]).ToArray();
        Assert.True(accounts.Length > Kinds.All.Count, string.Join(", ", accounts));
        Assert.Equal(
            accounts.Select(name => $"az identity federated-credential create --identity-name fog --resource-group fogs --name edge-{name} --issuer https://issuer.example.com --subject system:serviceaccount:edge:{name} --audiences api://AzureADTokenExchange"),
            Noted);
    }

    [Fact]
    public async Task Install_in_a_trial_cluster()
    {
        await TypeAsync("### In a trial cluster, with Azurite");
        Assert.Contains("azurite", await new Kubectl(Kubeconfig).RunAsync(Token, "get", "deployments", "-n", "edge", "-o", "name"), StringComparison.Ordinal);
    }

    /// <summary>Types the commands below a heading.</summary>
    private async Task TypeAsync(string heading)
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Layout.Repository, "infra", "README.md"), Token);
        var below = readme[(readme.IndexOf($"\n{heading}\n", StringComparison.Ordinal) + 1)..];
        var start = new ProcessStartInfo("sh") { WorkingDirectory = Layout.Repository, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{ClientTool.FolderOf("helm")}{Path.PathSeparator}{ClientTool.FolderOf("kubectl")}{Path.PathSeparator}{start.Environment["PATH"]}";
        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.Environment["NOTED"] = Path.Combine(folder, "noted");
        start.Environment["HOME"] = folder;
        using var shell = Process.Start(start)!;
        await shell.StandardInput.WriteAsync($"{Shell}{Commands().Match(below).Groups["commands"].Value}".AsMemory(), Token);
        shell.StandardInput.Close();
        var (output, errors) = (shell.StandardOutput.ReadToEndAsync(Token), shell.StandardError.ReadToEndAsync(Token));
        await shell.WaitForExitAsync(Token);
        Assert.True(shell.ExitCode == 0, $"{heading}: exit code {shell.ExitCode}\n{await output}{await errors}");
    }

    [GeneratedRegex("^```\n(?<commands>.+?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Commands();
}
