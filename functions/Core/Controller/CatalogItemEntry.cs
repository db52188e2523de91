namespace IoFog.Operator.Controller;

internal sealed record CatalogItemList(IReadOnlyList<CatalogItemEntry> CatalogItems);

/// <summary>An item of the catalog as the Controller shows it; it does not say whose.</summary>
public sealed record CatalogItemEntry
{
    /// <summary>Who made what is there from the start.</summary>
    public const string Vendor = "Eclipse ioFog";

    public long Id { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? Publisher { get; init; }

    /// <summary>Null where its registry was deleted.</summary>
    public long? RegistryId { get; init; }

    public string? ConfigExample { get; init; }

    /// <summary>One for each type of agent, also where there is none.</summary>
    public IReadOnlyList<ImageEntry>? Images { get; init; }
}
