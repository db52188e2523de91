using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The shape of the Services that the port manager makes for public ports.</summary>
internal static class ProxyPlan
{
    public static OwnedObject Of(string name, ControlPlaneSpec spec, ServiceShape shape, JsonObject observed)
    {
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = observed["metadata"]!["namespace"]!.DeepClone(),
            ["uid"] = observed["metadata"]!["uid"]!.DeepClone(), // one that has just gone is not made again
        };
        if (shape.Annotations is { Count: > 0 } annotations)
            metadata["annotations"] = new JsonObject(annotations.Select(annotation => KeyValuePair.Create(annotation.Key, (JsonNode?)annotation.Value)));
        var wanted = new JsonObject();

        // With an address for each protocol users run their own load balancer in front, and the port manager knows that.
        var isBehindOthers = spec.Ingresses is { HttpProxy.Address.Length: > 0, TcpProxy.Address.Length: > 0 };
        if (shape.Type is { Length: > 0 } type && !isBehindOthers)
        {
            wanted["type"] = type;
            if (type == "LoadBalancer" && shape.Address is { Length: > 0 } address)
                wanted["loadBalancerIP"] = address;
            if (type == "LoadBalancer")
                Classify(wanted, observed["spec"]!, shape.LoadBalancerClass);
            if (type != "ClusterIP" && shape.ExternalTrafficPolicy is { Length: > 0 } policy)
                wanted["externalTrafficPolicy"] = policy;
        }

        return new(ObjectPaths.Service(observed["metadata"]!["namespace"]!.GetValue<string>(), name), new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = metadata,
            ["spec"] = wanted,
        });
    }

    // A load balancer can't change its class, and the port manager makes one without: on the way to another it is none for a moment.
    private static void Classify(JsonObject wanted, JsonNode observed, string? wantedClass)
    {
        var (isOne, has) = (observed["type"]?.GetValue<string>() == "LoadBalancer", observed["loadBalancerClass"]?.GetValue<string>());
        if (isOne && wantedClass is { Length: > 0 } && has != wantedClass)
            wanted["type"] = "NodePort";
        else if ((wantedClass is { Length: > 0 } ? wantedClass : isOne ? has : null) is { } stays)
            wanted["loadBalancerClass"] = stays;
    }
}
