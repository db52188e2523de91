using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.EndToEnd.Install;

/// <summary>
/// Plays the cluster's network: pods have addresses of <c>10.0.0.0/8</c>, for the API server takes no loopback address of an endpoint, and
/// listen at <c>127.0.0.0/8</c>; names of Services lead to what their EndpointSlices say.
/// </summary>
/// <param name="api">As an administrator.</param>
internal sealed partial class PodNetwork(KubernetesApi api)
{
    // Others may run the same tests on this machine.
    private readonly int net = Random.Shared.Next(1, 255);
    private readonly ConcurrentDictionary<string, string> addresses = [];
    private int last;

    /// <summary>A pod's address, always the same.</summary>
    public string AddressOf(string uid) => addresses.GetOrAdd(uid, _ =>
    {
        var n = Interlocked.Increment(ref last);
        return string.Create(CultureInfo.InvariantCulture, $"10.{net}.{n / 250}.{(n % 250) + 1}");
    });

    /// <summary>Where a pod's address is on this machine.</summary>
    public static string Here(string address) => $"127.{address[(address.IndexOf('.', StringComparison.Ordinal) + 1)..]}";

    /// <summary>A text in which the name of a Service is replaced by the address to which it leads; null while it leads nowhere.</summary>
    /// <param name="text">With or without such a name.</param>
    /// <param name="lives">Whether a pod of this address runs.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<string?> ReachableAsync(string text, Func<string, bool> lives, CancellationToken cancellationToken)
    {
        if (ServiceName().Match(text) is not { Success: true } name)
            return text;
        var slice = await api.FindAsync(
            $"apis/discovery.k8s.io/v1/namespaces/{name.Groups[2].Value}/endpointslices/{name.Groups[1].Value}", KubernetesJson.Default.JsonObject, cancellationToken);
        return slice?["endpoints"] is JsonArray { Count: 1 } endpoints && endpoints[0]!["addresses"]![0]!.GetValue<string>() is var address && lives(address)
            ? text.Replace(name.Value, Here(address), StringComparison.Ordinal)
            : null;
    }

    [GeneratedRegex(@"([a-z0-9-]+)\.([a-z0-9-]+)\.svc")]
    private static partial Regex ServiceName();
}
