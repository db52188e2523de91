using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>The real helm; without a cluster it renders and checks.</summary>
internal sealed class Helm(string? kubeconfig)
{
    /// <summary>The operator's chart.</summary>
    public static string Chart { get; } = Path.Combine(Layout.Repository, "infra", "chart");

    /// <inheritdoc cref="ClientTool.RunAsync"/>
    public Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        ClientTool.RunAsync("helm", [.. arguments, .. kubeconfig is null ? (string[])[] : ["--kubeconfig", kubeconfig]], cancellationToken);
}
