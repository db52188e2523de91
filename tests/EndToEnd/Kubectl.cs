using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>The real kubectl, with one cluster.</summary>
internal sealed class Kubectl(string kubeconfig)
{
    /// <inheritdoc cref="ClientTool.RunAsync"/>
    public Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        ClientTool.RunAsync("kubectl", ["--kubeconfig", kubeconfig, .. arguments], cancellationToken);

    /// <summary>Applies manifests.</summary>
    public Task ApplyAsync(string manifests, CancellationToken cancellationToken) =>
        ClientTool.RunAsync("kubectl", ["--kubeconfig", kubeconfig, "apply", "-f", "-"], cancellationToken, manifests);

    /// <summary>Runs the plugin, as kubectl finds it: by its name on the path.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public Task<(int Code, string Output, string Errors)> IofogAsync(CancellationToken cancellationToken, params string[] arguments) => ClientTool.TryRunAsync(
        "kubectl",
        ["iofog", .. arguments],
        cancellationToken,
        settings: new() { ["KUBECONFIG"] = kubeconfig, ["PATH"] = $"{Layout.Plugin}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}" });
}
