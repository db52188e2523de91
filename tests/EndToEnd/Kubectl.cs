using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>The real kubectl, with one cluster.</summary>
internal sealed class Kubectl(string kubeconfig)
{
    /// <inheritdoc cref="ClientTool.RunAsync"/>
    public Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        ClientTool.RunAsync("kubectl", ["--kubeconfig", kubeconfig, .. arguments], cancellationToken);

    /// <summary>Runs it, whatever comes of it.</summary>
    /// <param name="settings">Of its environment.</param>
    /// <param name="input">What it reads; null for nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="arguments">What it is to do.</param>
    /// <returns>Its exit code, and what it printed.</returns>
    public Task<(int Code, string Output, string Errors)> TryRunAsync(Dictionary<string, string>? settings, string? input, CancellationToken cancellationToken, params string[] arguments) =>
        ClientTool.TryRunAsync("kubectl", ["--kubeconfig", kubeconfig, .. arguments], cancellationToken, input, settings);

    /// <summary>Applies manifests.</summary>
    /// <returns>What it printed.</returns>
    public Task<string> ApplyAsync(string manifests, CancellationToken cancellationToken, params string[] options) =>
        ClientTool.RunAsync("kubectl", ["--kubeconfig", kubeconfig, "apply", "-f", "-", .. options], cancellationToken, manifests);

    /// <summary>Runs the plugin, as kubectl finds it: by its name on the path.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public Task<(int Code, string Output, string Errors)> IofogAsync(CancellationToken cancellationToken, params string[] arguments) =>
        WithPluginAsync(["iofog", .. arguments], cancellationToken);

    /// <summary>What shells ask when somebody presses Tab behind <c>kubectl iofog …</c>.</summary>
    public Task<(int Code, string Output, string Errors)> CompleteIofogAsync(CancellationToken cancellationToken, params string[] line) =>
        WithPluginAsync(["__complete", "iofog", .. line], cancellationToken);

    private Task<(int Code, string Output, string Errors)> WithPluginAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) => ClientTool.TryRunAsync(
        "kubectl",
        arguments,
        cancellationToken,
        settings: new() { ["KUBECONFIG"] = kubeconfig, ["PATH"] = $"{Layout.Plugin}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}" });
}
