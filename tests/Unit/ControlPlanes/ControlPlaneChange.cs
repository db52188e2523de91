using System.Text.Json.Nodes;
using IoFog.Operator.ControlPlanes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Unit.ControlPlanes;

/// <summary>What a control plane that is rolled out has to be given when its spec changes.</summary>
internal static class ControlPlaneChange
{
    private const string Namespace = "edge";

    private static Metadata Owner { get; } = new() { Name = "iofog", Namespace = Namespace, Uid = "11111111-1111-1111-1111-111111111111", ResourceVersion = "1" };

    /// <summary>Of the spec <c>held</c>, to <c>desired</c>: each object with the fields that change.</summary>
    public static JsonObject Plan(GoldenCase golden)
    {
        var (held, desired) = (golden.Given("held", ControlPlaneJson.Default.ControlPlaneSpec)!, golden.Given("desired", ControlPlaneJson.Default.ControlPlaneSpec)!);
        Assert.Null(ControlPlaneRules.Refuse(desired));
        var observed = new ObservedObjects((golden.Given("observed", KubernetesJson.Default.JsonObject) ?? []).ToDictionary(one => one.Key, one => one.Value!.AsObject()));
        foreach (var one in Wanted(held, observed, "old"))
            observed.Put(one.Path, Over(observed.Find(one.Path), one.Content));
        var (before, after) = (InputsOf(held, observed, "old"), InputsOf(desired, observed, "new"));
        var wanted = Wanted(desired, observed, "new");
        if (ControlPlanePlan.Refuse(ControlPlanePlan.Of(after), after) is Outcome.RefusedOutcome refused)
            return new() { ["refused"] = refused.Message };

        var changes = new JsonObject();
        foreach (var one in wanted)
        {
            if (observed.Find(one.Path) is not { } found)
                changes[Short(one.Path)] = one.Content["kind"]!.GetValue<string>() is "Deployment" or "Secret" ? "made" : one.Content["spec"]?.DeepClone() ?? "made";
            else if (Differing(Leaves(found), Leaves(IsOurs(one) ? one.Content : Over(found, one.Content))) is { Count: > 0 } fields)
                changes[Short(one.Path)] = fields;
        }

        foreach (var path in ControlPlanePlan.Unwanted(wanted, observed, Owner))
            changes[Short(path)] = "removed";
        Tell("user", UserOf(before), UserOf(after));
        Tell("router", RouterOf(before), RouterOf(after));
        Tell("certificates", NamesOf(before), NamesOf(after));
        return changes;

        void Tell(string what, string was, string becomes)
        {
            if (was != becomes)
                changes[what] = becomes;
        }
    }

    private static IReadOnlyList<OwnedObject> Wanted(ControlPlaneSpec spec, ObservedObjects observed, string revision) =>
        [.. ControlPlanePlan.Of(InputsOf(spec, observed, revision)), .. ClusterObjects.ProxiesOf(spec, observed, Namespace)];

    private static ControlPlaneInputs InputsOf(ControlPlaneSpec spec, ObservedObjects observed, string revision) => new()
    {
        Owner = Owner,
        Spec = spec,
        User = new(spec.User!.Email, PasswordOf(spec.User.Password, spec.User.PasswordSecretRef)),
        DatabasePassword = spec.UsesSqlite ? null : PasswordOf(spec.Database!.Password, spec.Database.PasswordSecretRef),
        Certificates = new("authority", "authority key", "server", "server key"),
        Observed = observed,
        NewRevision = () => revision,
    };

    private static string PasswordOf(string? given, SecretKey? reference) => reference is null ? given! : $"{reference.Key} of {reference.Name}";

    private static string UserOf(ControlPlaneInputs inputs) => $"{inputs.Spec.User!.Name} {inputs.Spec.User.Surname} {inputs.User.Email} {inputs.User.Password}";

    private static string RouterOf(ControlPlaneInputs inputs) =>
        ControlPlaneReconciler.RouterOf(inputs.Spec, ControlPlaneReconciler.AddressOf(inputs.Spec, inputs.Observed, Namespace)!).ToString();

    private static string NamesOf(ControlPlaneInputs inputs) => string.Join(' ', RouterCertificates.NamesOf(
        Namespace, ControlPlaneReconciler.AddressOf(inputs.Spec, inputs.Observed, Namespace)!, inputs.Spec.Ingresses?.Router?.Address));

    private static bool IsOurs(OwnedObject one) => !one.Name.EndsWith("-proxy", StringComparison.Ordinal);

    private static string Short(string path) => string.Join('/', path.Split('/')[^2..]);

    // What others have in an object stays in it.
    private static JsonObject Over(JsonObject? found, JsonObject wanted)
    {
        var all = found?.DeepClone().AsObject() ?? [];
        foreach (var (name, value) in wanted)
            all[name] = value is JsonObject inner && all[name] is JsonObject outer ? Over(outer, inner) : value?.DeepClone();
        return all;
    }

    private static JsonArray Differing(Dictionary<string, string> was, Dictionary<string, string> becomes) => new([.. was.Keys.Union(becomes.Keys)
        .Where(field => was.GetValueOrDefault(field) != becomes.GetValueOrDefault(field) && !field.StartsWith("status.", StringComparison.Ordinal))
        .Select(field => (JsonNode)(becomes.TryGetValue(field, out var value) ? $"{field}: {value}" : $"{field} goes"))]);

    private static Dictionary<string, string> Leaves(JsonObject content)
    {
        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(content, "");
        return leaves;

        void Add(JsonNode? node, string path)
        {
            if (node is JsonObject { Count: > 0 } members)
            {
                foreach (var (name, value) in members)
                    Add(value, path.Length == 0 ? name : $"{path}.{name}");
            }
            else if (node is JsonArray { Count: > 0 } items)
            {
                foreach (var (i, item) in items.Index())
                    Add(item, $"{path}[{(item as JsonObject)?["name"] ?? i}]");
            }
            else
            {
                leaves[path] = node?.ToString() ?? "";
            }
        }
    }
}
