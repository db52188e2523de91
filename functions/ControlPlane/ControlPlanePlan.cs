using System.Text.Json.Nodes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The Kubernetes objects of a control plane, by the names, labels and ports that ioFog's own tools look for.</summary>
internal static class ControlPlanePlan
{
    /// <summary>What there is to be, in the order in which it is to be made.</summary>
    public static IReadOnlyList<OwnedObject> Of(ControlPlaneInputs inputs)
    {
        var made = new ObjectMaker(inputs.Owner);
        return
        [
            .. ControllerPlan.Of(inputs, made).Concat(RouterPlan.Of(inputs, made)).Concat(PortManagerPlan.Of(inputs, made))
                .Select(wanted => wanted.Content["kind"]!.GetValue<string>() == "Deployment" ? Adoption.Fit(wanted, inputs.Observed.Find(wanted.Path)) : wanted),
        ];
    }

    /// <summary>What is there of an earlier spec and is ours. Volumes are never among it: they go with their owner, or stay.</summary>
    public static IEnumerable<string> Unwanted(IReadOnlyList<OwnedObject> wanted, ObservedObjects observed, Metadata owner)
    {
        var paths = wanted.Select(one => one.Path).ToHashSet(StringComparer.Ordinal);
        return observed.All
            .Where(one => !paths.Contains(one.Key) && one.Value["kind"]?.GetValue<string>() != "PersistentVolumeClaim" && OwnerOf(one.Value)?["uid"]?.GetValue<string>() == owner.Uid)
            .Select(one => one.Key);
    }

    /// <summary>What can't be made of what is there, or not yet.</summary>
    /// <returns>Null when nothing is in the way.</returns>
    public static Outcome? Refuse(IReadOnlyList<OwnedObject> wanted, ControlPlaneInputs inputs)
    {
        foreach (var one in wanted)
        {
            if (inputs.Observed.Find(one.Path) is not { } observed)
                continue;
            if (OwnerOf(observed) is { } owner && owner["uid"]?.GetValue<string>() != inputs.Owner.Uid)
                return IsFormer(owner)
                    ? Outcome.Later(ControlPlaneReasons.FormerLeaving, $"{one.Display} still goes with the former ControlPlane {owner["name"]}")
                    : Outcome.Refused(ControlPlaneReasons.BelongsToAnother, $"{one.Display} belongs to {owner["kind"]} {owner["name"]}; nothing of it was changed");
            var kind = one.Content["kind"]!.GetValue<string>();
            if (kind == "PersistentVolumeClaim" && RefuseClaim(one.Content["spec"]!, observed["spec"]) is { } why)
                return Outcome.Refused(ControlPlaneReasons.FieldImmutable, why);
            if (kind == "Service" && observed["spec"]?["type"]?.GetValue<string>() == "LoadBalancer" && one.Content["spec"]!["type"]!.GetValue<string>() == "LoadBalancer"
                && !JsonNode.DeepEquals(one.Content["spec"]!["loadBalancerClass"], observed["spec"]!["loadBalancerClass"])
                && (one.Content["spec"]!["loadBalancerClass"] is not null || Adoption.IsApplied(observed, "f:spec", "f:loadBalancerClass")))
                return Outcome.Refused(ControlPlaneReasons.FieldImmutable, $"spec.services.{one.Name}.loadBalancerClass can't change while the type is LoadBalancer; delete the Service {one.Name} to have it made anew");
        }

        return null;
    }

    // The first of a namespace is the only one that owns anything: another that does is gone, and the cluster collects what it leaves.
    private static bool IsFormer(JsonNode owner) =>
        owner["kind"]?.GetValue<string>() == Kinds.ControlPlane.Name && owner["apiVersion"]?.GetValue<string>().StartsWith($"{Kind.Group}/", StringComparison.Ordinal) == true;

    private static string? RefuseClaim(JsonNode wanted, JsonNode? observed)
    {
        if (wanted["storageClassName"]?.GetValue<string>() is { } className && observed?["storageClassName"]?.GetValue<string>() is { } has && has != className)
            return $"spec.storage.className can't change: the claim controller-sqlite has the class {has}";
        var (size, old) = (wanted["resources"]!["requests"]!["storage"]!.GetValue<string>(), observed?["resources"]?["requests"]?["storage"]?.GetValue<string>());
        return old is not null && Quantity.Read(size) < Quantity.Read(old) ? $"spec.storage.size can't shrink: the claim controller-sqlite has {old}" : null;
    }

    private static JsonNode? OwnerOf(JsonObject observed) =>
        (observed["metadata"]?["ownerReferences"] as JsonArray)?.FirstOrDefault(owner => owner?["controller"]?.GetValue<bool>() == true);
}
