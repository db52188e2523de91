using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.CatalogItems;

/// <summary>One thing to do for an item of the catalog.</summary>
internal abstract record CatalogItemStep
{
    private CatalogItemStep()
    {
    }

    public sealed record Create(JsonObject Body) : CatalogItemStep;

    public sealed record Update(long Id, JsonObject Fields) : CatalogItemStep;
}

/// <summary>What has to be done so that the Controller holds an item of the catalog as its spec says, in order.</summary>
internal static class CatalogItemPlan
{
    private const string NoExample = "{}";

    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="registry">The id of the registry that the spec names.</param>
    /// <param name="own">What the Controller holds; null when nothing.</param>
    public static IReadOnlyList<CatalogItemStep> Of(string name, CatalogItemSpec spec, long registry, CatalogItemEntry? own)
    {
        if (own is null)
            return [new CatalogItemStep.Create(Body(name, spec, registry))];
        var steps = new List<CatalogItemStep>();
        if (Changes(name, spec, registry, own) is { Count: > 0 } changes)
            steps.Add(new CatalogItemStep.Update(own.Id, changes));

        // By themselves: while a microservice of it runs, they are refused with all that comes along.
        JsonNode[] images = [.. Images(spec).Where(image => ImageOf(own, image.Type) != image.Text).Select(Image)];
        if (images.Length > 0)
            steps.Add(new CatalogItemStep.Update(own.Id, new() { ["images"] = new JsonArray(images) }));
        return steps;
    }

    /// <summary>The item that an object stands for: the one that it made, else the first of its name; null when there is none.</summary>
    public static CatalogItemEntry? Find(string name, CatalogItemStatus status, IReadOnlyList<CatalogItemEntry> observed) =>
        observed.FirstOrDefault(item => item.Id == status.Id) ?? observed.FirstOrDefault(item => item.Name == name);

    /// <summary>Why a spec can't work as it is written, naming the field; null when it can.</summary>
    public static string? Problem(CatalogItemSpec? spec) => spec switch
    {
        null or { X86: null or "", Arm: null or "" } => "spec.x86 or spec.arm is needed",
        _ when ImageSources.HasAccount(spec.Registry) => "spec.registry: no account may stand in it",
        _ when Literal.FindUnkeepable(JsonSerializer.SerializeToNode(spec, CatalogItemJson.Default.CatalogItemSpec), "spec") is { } path =>
            $"{path}: the Controller takes this text for the end of a template",
        _ => null,
    };

    /// <summary>The body of a create.</summary>
    public static JsonObject Body(string name, CatalogItemSpec spec, long registry) => new()
    {
        ["name"] = name,
        ["description"] = spec.Description ?? "",
        ["registryId"] = registry,
        ["configExample"] = spec.ConfigExample ?? NoExample,
        ["images"] = new JsonArray([.. Images(spec).Where(image => image.Text.Length > 0).Select(Image)]),
    };

    private static JsonObject Changes(string name, CatalogItemSpec spec, long registry, CatalogItemEntry own)
    {
        var changes = Body(name, spec, registry);
        changes.Remove("images");
        foreach (var (field, has) in new (string, JsonNode?)[]
        {
            ("name", own.Name), ("description", own.Description ?? ""), ("registryId", own.RegistryId), ("configExample", own.ConfigExample ?? NoExample),
        })
        {
            if (JsonNode.DeepEquals(changes[field], has))
                changes.Remove(field);
        }

        return changes;
    }

    private static (int Type, string Text)[] Images(CatalogItemSpec spec) => [(1, spec.X86 ?? ""), (2, spec.Arm ?? "")];

    private static string ImageOf(CatalogItemEntry own, int type) => own.Images?.FirstOrDefault(image => image.FogTypeId == type)?.ContainerImage ?? "";

    private static JsonNode Image((int Type, string Text) image) => new JsonObject { ["containerImage"] = image.Text, ["fogTypeId"] = image.Type };
}
