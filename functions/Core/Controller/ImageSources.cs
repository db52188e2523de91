using System.Globalization;

namespace IoFog.Operator.Controller;

/// <summary>The ids of the registries and catalog items that specs name. Each list is read once, where it is needed at all.</summary>
public sealed class ImageSources(ControllerClient controller)
{
    private const long Remote = 1;
    private const long Local = 2;

    private IReadOnlyList<RegistryEntry>? registries;
    private IReadOnlyList<CatalogItemEntry>? items;

    /// <summary>The id of a registry that is named <c>remote</c>, <c>local</c> or by its id; null for a URL.</summary>
    public static long? RegistryIdOf(string? text) => text switch
    {
        null or "" or "remote" => Remote,
        "local" => Local,
        _ => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null,
    };

    /// <summary>Whether an address of a registry has an account in it: what names a registry is shown in statuses, Events and messages.</summary>
    public static bool HasAccount(string? registry) => registry?.Contains('@', StringComparison.Ordinal) ?? false;

    /// <summary>The id of a registry, which may be named by its URL: the user's own before what is public, and of those the first.</summary>
    /// <returns>Null when there is none.</returns>
    public async Task<long?> FindRegistryAsync(string? text, CancellationToken cancellationToken)
    {
        if (RegistryIdOf(text) is { } known)
            return known;
        registries ??= await controller.ListRegistriesAsync(cancellationToken);
        return registries.Where(registry => registry.Url == text).OrderBy(registry => registry.IsPublic).ThenBy(registry => registry.UserId is null).ThenBy(registry => registry.Id).FirstOrDefault()?.Id;
    }

    /// <summary>The id of an item of the catalog.</summary>
    /// <returns>Null when there is none.</returns>
    public async Task<long?> FindCatalogItemAsync(string name, CancellationToken cancellationToken)
    {
        items ??= await controller.ListCatalogItemsAsync(cancellationToken);
        return items.FirstOrDefault(item => item.Name == name)?.Id;
    }
}
