using System.Collections.Frozen;

namespace IoFog.Operator;

/// <summary>The one list of custom resources that this operator serves. A further kind is one further line here.</summary>
public static class Kinds
{
    public static Kind ControlPlane { get; } = new("ControlPlane", "controlplanes", []);

    public static Kind Agent { get; } = new("Agent", "agents", [ControlPlane])
    {
        Entry = new("iofog-list", "fogs", EntryFields.Name),
    };

    public static Kind EdgeResource { get; } = new("EdgeResource", "edgeresources", [Agent])
    {
        Entry = new("edgeResources", "edgeResources", EntryFields.Name | EntryFields.Version),
    };

    public static Kind Registry { get; } = new("Registry", "registries", [ControlPlane])
    {
        Entry = new("registries", "registries", EntryFields.Name) { NamedBy = "url" },
        RefersToSecrets = true,
    };

    public static Kind CatalogItem { get; } = new("CatalogItem", "catalogitems", [Registry])
    {
        Entry = new("catalog/microservices", "catalogItems", EntryFields.Name),
    };

    public static Kind ApplicationTemplate { get; } = new("ApplicationTemplate", "applicationtemplates", [CatalogItem])
    {
        Entry = new("applicationTemplates", "applicationTemplates", EntryFields.Name),
    };

    public static Kind Application { get; } = new("Application", "applications", [Agent])
    {
        Entry = new(null, "", EntryFields.Name),
        OtherPlural = "apps", // by iofogctl
    };

    public static Kind Microservice { get; } = new("Microservice", "microservices", [Agent, Application])
    {
        Entry = new(null, "microservices", EntryFields.Application | EntryFields.Name),
    };

    public static Kind Route { get; } = new("Route", "routes", [Microservice])
    {
        Entry = new(null, "routes", EntryFields.Application | EntryFields.Name),
    };

    /// <summary>All kinds, dependencies before those that need them.</summary>
    public static IReadOnlyList<Kind> All { get; } = [ControlPlane, Agent, EdgeResource, Registry, CatalogItem, ApplicationTemplate, Application, Microservice, Route];

    private static readonly FrozenDictionary<string, Kind> ByName = All.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Kind> ByPlural = All.ToFrozenDictionary(kind => kind.Plural, StringComparer.Ordinal);

    /// <summary>The kind of this name (<c>Agent</c>), or null when this operator does not serve it.</summary>
    public static Kind? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The kind of this plural (<c>agents</c>), or null when this operator does not serve it.</summary>
    public static Kind? FindByPlural(string plural) => ByPlural.GetValueOrDefault(plural);

    /// <summary>The kind that people mean: its name or its plural, whatever the case; null when there is none.</summary>
    public static Kind? Match(string text) => All.FirstOrDefault(kind =>
        kind.Name.Equals(text, StringComparison.OrdinalIgnoreCase) || kind.Plural.Equals(text, StringComparison.OrdinalIgnoreCase));
}
