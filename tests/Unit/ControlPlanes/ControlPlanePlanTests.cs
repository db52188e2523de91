using System.Text.Json.Nodes;
using IoFog.Operator.ControlPlanes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Unit.ControlPlanes;

/// <summary>The objects of a control plane, as golden cases: the whole of the least one, and of the others the objects that differ from it.</summary>
public sealed class ControlPlanePlanTests
{
    private const string Least = "makes-the-least";

    public static TheoryData<string> Cases => GoldenCase.In("ControlPlanes");

    private static Metadata Owner { get; } = new() { Name = "iofog", Namespace = "edge", Uid = "11111111-1111-1111-1111-111111111111", ResourceVersion = "1" };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_as_the_case_says(string name)
    {
        var golden = GoldenCase.Read("ControlPlanes", name);
        var spec = golden.Given("desired", ControlPlaneJson.Default.ControlPlaneSpec)!;
        var observed = golden.Given("observed", KubernetesJson.Default.JsonObject) ?? [];
        Assert.Null(ControlPlaneRules.Refuse(spec));
        golden.Expects(Show(ControlPlanePlan.Of(Inputs(spec, observed)), name == Least ? [] : Whole(Least)));
    }

    private static ControlPlaneInputs Inputs(ControlPlaneSpec spec, JsonObject observed) => new()
    {
        Owner = Owner,
        Spec = spec,
        User = new(spec.User!.Email, "change-me-please"),
        DatabasePassword = "db-password",
        Certificates = new("authority", "authority key", "server", "server key"),
        Observed = new(observed.ToDictionary(one => one.Key, one => one.Value!.AsObject())),
        NewRevision = () => "new",
    };

    private static IReadOnlyList<OwnedObject> Whole(string name) =>
        ControlPlanePlan.Of(Inputs(GoldenCase.Read("ControlPlanes", name).Given("desired", ControlPlaneJson.Default.ControlPlaneSpec)!, []));

    private static JsonObject Show(IReadOnlyList<OwnedObject> plan, IReadOnlyList<OwnedObject> beside)
    {
        var same = beside.ToDictionary(one => one.Path, one => one.Content);
        var shown = new JsonObject();
        foreach (var one in plan.Where(one => !JsonNode.DeepEquals(same.GetValueOrDefault(one.Path), one.Content)))
            shown[one.Path] = one.Content.DeepClone();
        foreach (var path in same.Keys.Except(plan.Select(one => one.Path)))
            shown[path] = null;
        return shown;
    }
}
