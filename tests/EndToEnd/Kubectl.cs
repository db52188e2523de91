namespace IoFog.Operator.EndToEnd;

/// <summary>The real kubectl, with one cluster.</summary>
internal sealed class Kubectl(string kubeconfig)
{
    /// <inheritdoc cref="ClientTool.RunAsync"/>
    public Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        ClientTool.RunAsync("kubectl", ["--kubeconfig", kubeconfig, .. arguments], cancellationToken);
}
