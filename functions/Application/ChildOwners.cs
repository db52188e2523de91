using System.Globalization;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Applications;

/// <summary>Finds the Microservice and Route objects that stand for what an application declares as well.</summary>
public sealed class ChildOwners(KubernetesApi api)
{
    /// <summary>
    /// The declared children of which an object of their own was created before the application, and that object. It reads only where the
    /// watcher has seen that there is one.
    /// </summary>
    /// <param name="turn">Of the application.</param>
    /// <param name="application">Its name in the Controller.</param>
    /// <param name="children">What it declares.</param>
    public async Task<IReadOnlyDictionary<string, string>> FindAsync(
        Turn<ApplicationSpec, ApplicationStatus> turn, string application, IReadOnlyList<string> children, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var owners = new Dictionary<string, string>();
        if (turn.Seen.Owned == 0 || children.Count == 0)
            return owners;
        foreach (var (kind, child) in new (Kind, Func<string, string>)[] { (Kinds.Microservice, ApplicationPlan.MicroserviceChild), (Kinds.Route, ApplicationPlan.RouteChild) })
        {
            var list = await api.FindAsync(kind.PathOf(turn.Key.Namespace), KubernetesJson.Default.JsonObject, cancellationToken);
            foreach (var item in list?["items"]?.AsArray() ?? [])
            {
                var name = item!["spec"]?["name"]?.GetValue<string>() ?? item["metadata"]!["name"]!.GetValue<string>();
                if (item["spec"]?["application"]?.GetValue<string>() == application && children.Contains(child(name)) && IsEarlier(item["metadata"]!, turn.Resource.Metadata))
                    owners[child(name)] = $"{kind} {item["metadata"]!["name"]}";
            }
        }

        return owners;
    }

    private static bool IsEarlier(JsonNode metadata, Metadata than)
    {
        var created = DateTimeOffset.Parse(metadata["creationTimestamp"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        return (created, Guid.Parse(metadata["uid"]!.GetValue<string>())).CompareTo((than.CreationTimestamp ?? default, Guid.Parse(than.Uid))) < 0;
    }
}
