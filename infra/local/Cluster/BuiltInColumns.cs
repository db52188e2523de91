using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What <c>kubectl get</c> prints of built-ins; behind a bar what it prints with <c>-o wide</c> only.</summary>
internal static class BuiltInColumns
{
    private const string None = "<none>";

    private static readonly Column Age = Date("Age", ".metadata.creationTimestamp");
    private static readonly Column CreatedAt = Text("Created At", ".metadata.creationTimestamp");
    private static readonly Column[] Template = [
        Wide("Containers", o => string.Join(',', Containers(o).Select(c => $"{c["name"]}"))),
        Wide("Images", o => string.Join(',', Containers(o).Select(c => $"{c["image"]}"))),
        Wide("Selector", o => Labels(o["spec"]?["selector"]?["matchLabels"])),
    ];

    public static IReadOnlyList<Column> Of(ResourceType type) => type.Kind switch
    {
        "Deployment" => [Of("Ready", o => $"{Number(o, ".status.readyReplicas")}/{Number(o, ".spec.replicas")}"), Count("Up-to-date", ".status.updatedReplicas"), Count("Available", ".status.availableReplicas"), Age, .. Template],
        "ReplicaSet" => [Count("Desired", ".spec.replicas"), Count("Current", ".status.replicas"), Count("Ready", ".status.readyReplicas"), Age, .. Template],
        "Job" => [Of("Status", StatusOfJob), Of("Completions", o => $"{Number(o, ".status.succeeded")}/{Number(o, ".spec.completions")}"), Of("Duration", _ => ""), Age, .. Template],
        "Pod" =>
        [
            Of("Ready", o => $"{(o["status"]?["containerStatuses"] as JsonArray ?? []).Count(c => $"{c?["ready"]}" == "true")}/{(o["spec"]?["containers"] as JsonArray ?? []).Count}"),
            Of("Status", o => o["metadata"]?["deletionTimestamp"] is not null ? "Terminating" : $"{o["status"]?["phase"] ?? "Pending"}"),
            Of("Restarts", o => $"{(o["status"]?["containerStatuses"] as JsonArray ?? []).Sum(c => c?["restartCount"] is { } count ? Numbers.Long(count) : 0)}"), Age,
            WideText("IP", ".status.podIP"), WideText("Node", ".spec.nodeName"), WideText("Nominated Node", ".status.nominatedNodeName"), Wide("Readiness Gates", _ => None),
        ],
        "Service" => [Text("Type", ".spec.type"), Text("Cluster-IP", ".spec.clusterIP"), Of("External-IP", OutsideOfService), Of("Port(s)", PortsOfService), Age, Wide("Selector", o => Labels(o["spec"]?["selector"]))],
        "Ingress" => [Text("Class", ".spec.ingressClassName"), Of("Hosts", HostsOfIngress), Of("Address", o => $"{JsonPath.Find(o, ".status.loadBalancer.ingress[0].ip") ?? JsonPath.Find(o, ".status.loadBalancer.ingress[0].hostname")}"), Of("Ports", o => o["spec"]?["tls"] is JsonArray { Count: > 0 } ? "80, 443" : "80"), Age],
        "PersistentVolumeClaim" =>
        [
            Text("Status", ".status.phase", ""), Text("Volume", ".spec.volumeName", ""), Text("Capacity", ".status.capacity.storage", ""),
            Of("Access Modes", o => string.Join(',', (o["status"]?["accessModes"] as JsonArray ?? []).Select(mode => string.Concat($"{mode}".Where(char.IsUpper))))),
            Text("StorageClass", ".spec.storageClassName", ""), Text("VolumeAttributesClass", ".spec.volumeAttributesClassName", "<unset>"), Age, WideText("VolumeMode", ".spec.volumeMode"),
        ],
        "PodDisruptionBudget" => [Text("Min Available", ".spec.minAvailable", "N/A"), Text("Max Unavailable", ".spec.maxUnavailable", "N/A"), Count("Allowed Disruptions", ".status.disruptionsAllowed"), Age],
        "Namespace" => [Text("Status", ".status.phase"), Age],
        "Secret" => [Text("Type", ".type"), Of("Data", o => $"{(o["data"] as JsonObject ?? []).Count}"), Age],
        "ConfigMap" => [Of("Data", o => $"{(o["data"] as JsonObject ?? []).Count + (o["binaryData"] as JsonObject ?? []).Count}"), Age],
        "ServiceAccount" => [Of("Secrets", o => $"{(o["secrets"] as JsonArray ?? []).Count}"), Age],
        "Role" or "ClusterRole" or "CustomResourceDefinition" => [CreatedAt],
        "RoleBinding" or "ClusterRoleBinding" => [Of("Role", o => $"{o["roleRef"]?["kind"]}/{o["roleRef"]?["name"]}"), Age, Subjects("Users", "User"), Subjects("Groups", "Group"), Subjects("ServiceAccounts", "ServiceAccount")],
        "NetworkPolicy" => [Of("Pod-Selector", o => Labels(o["spec"]?["podSelector"]?["matchLabels"])), Age],
        "Lease" => [Text("Holder", ".spec.holderIdentity", ""), Age],
        "EndpointSlice" => [Text("AddressType", ".addressType"), Of("Ports", o => Joined(o, "ports", port => $"{port["port"]}")), Of("Endpoints", o => Joined(o, "endpoints", point => $"{point["addresses"]?[0]}")), Age],
        _ => [Age],
    };

    /// <summary>Events begin with their time, and have their name at the end.</summary>
    public static IReadOnlyList<Column> OfEvents { get; } =
    [
        new("Last Seen", "string", 0, "", (stored, now) => Column.Age(JsonPath.Find(stored.Content, ".series.lastObservedTime") ?? JsonPath.Find(stored.Content, ".deprecatedLastTimestamp") ?? JsonPath.Find(stored.Content, ".eventTime"), now)),
        Text("Type", ".type"), Text("Reason", ".reason"), Of("Object", o => $"{o["regarding"]?["kind"]}".ToLowerInvariant() + $"/{o["regarding"]?["name"]}"),
        WideText("Subobject", ".regarding.fieldPath"), WideText("Source", ".reportingController"), Text("Message", ".note"),
        new("First Seen", "string", 1, "", (stored, now) => Column.Age(JsonPath.Find(stored.Content, ".deprecatedFirstTimestamp") ?? JsonPath.Find(stored.Content, ".eventTime"), now)),
        Wide("Count", o => $"{o["series"]?["count"] ?? o["deprecatedCount"] ?? 1}"), WideText("Name", ".metadata.name"),
    ];

    private static Column Of(string name, Func<JsonObject, string> read) => new(name, "string", 0, "", (stored, _) => read(stored.Content));

    private static Column Wide(string name, Func<JsonObject, string> read) => Of(name, read) with { Priority = 1 };

    private static Column Text(string name, string path, string absent = None) => Of(name, o => JsonPath.Find(o, path)?.ToString() is { Length: > 0 } text ? text : absent);

    private static Column WideText(string name, string path) => Text(name, path) with { Priority = 1 };

    private static Column Count(string name, string path) => new(name, "integer", 0, "", (stored, _) => Number(stored.Content, path));

    private static Column Date(string name, string path) => new(name, "string", 0, "", (stored, now) => Column.Age(JsonPath.Find(stored.Content, path), now));

    private static Column Subjects(string name, string kind) => Wide(name, o => string.Join(", ", (o["subjects"] as JsonArray ?? [])
        .Where(subject => $"{subject!["kind"]}" == kind).Select(subject => subject!["namespace"] is { } space ? $"{space}/{subject["name"]}" : $"{subject["name"]}")));

    private static long Number(JsonObject o, string path) => JsonPath.Find(o, path) is { } number ? Numbers.Long(number) : 0;

    private static IEnumerable<JsonNode> Containers(JsonObject o) => (o["spec"]?["template"]?["spec"]?["containers"] as JsonArray ?? []).OfType<JsonNode>();

    private static string Labels(JsonNode? labels) =>
        labels is JsonObject { Count: > 0 } map ? string.Join(',', map.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")) : None;

    private static string Joined(JsonObject o, string list, Func<JsonNode, string> read) =>
        o[list] is JsonArray { Count: > 0 } items ? string.Join(',', items.OfType<JsonNode>().Select(read)) : "<unset>";

    private static string StatusOfJob(JsonObject job) =>
        (job["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(condition => $"{condition!["status"]}" == "True" && $"{condition["type"]}" is "Complete" or "Failed")?["type"]?.ToString()
        ?? (job["metadata"]?["deletionTimestamp"] is not null ? "Terminating" : $"{job["spec"]?["suspend"]}" == "true" ? "Suspended" : "Running");

    private static string OutsideOfService(JsonObject service) => $"{service["spec"]?["type"]}" switch
    {
        "LoadBalancer" => $"{JsonPath.Find(service, ".status.loadBalancer.ingress[0].ip") ?? JsonPath.Find(service, ".status.loadBalancer.ingress[0].hostname") ?? "<pending>"}",
        "ExternalName" => $"{service["spec"]!["externalName"]}",
        _ => service["spec"]?["externalIPs"] is JsonArray { Count: > 0 } addresses ? string.Join(',', addresses.Select(address => $"{address}")) : None,
    };

    private static string PortsOfService(JsonObject service) => service["spec"]?["ports"] is JsonArray { Count: > 0 } ports
        ? string.Join(',', ports.Select(port => $"{port!["port"]}{(port["nodePort"] is { } node ? $":{node}" : "")}/{port["protocol"]}"))
        : None;

    private static string HostsOfIngress(JsonObject ingress) =>
        string.Join(',', (ingress["spec"]?["rules"] as JsonArray ?? []).Select(rule => rule!["host"]?.ToString()).OfType<string>()) is { Length: > 0 } hosts ? hosts : "*";
}
