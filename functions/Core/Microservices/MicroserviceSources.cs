using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Microservices;

/// <summary>Where a microservice has its images from, by id: its spec may name a registry by its URL, and a catalog item by its name.</summary>
public static class MicroserviceSources
{
    /// <summary>Puts ids in the place of names.</summary>
    /// <returns>The spec, or what has to be there first.</returns>
    public static async Task<(MicroserviceSpec Spec, MicroserviceProblem? Problem)> ResolveAsync(MicroserviceSpec spec, ImageSources sources, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(sources);
        if (spec.Images is not { } images || images.CatalogId is > 0)
            return (spec, null);
        if (images.CatalogItem is { Length: > 0 } item)
        {
            return await sources.FindCatalogItemAsync(item, cancellationToken) is { } catalogId
                ? (spec with { Images = images with { CatalogId = (int)catalogId } }, null)
                : (spec, Missing(Kinds.CatalogItem, item, $"The catalog item {item} is not there yet"));
        }

        return await sources.FindRegistryAsync(images.Registry, cancellationToken) is { } registry
            ? (spec with { Images = images with { Registry = $"{registry}" } }, null)
            : (spec, Missing(Kinds.Registry, images.Registry!, $"The registry {images.Registry} is not there yet"));
    }

    private static MicroserviceProblem Missing(Kind kind, string name, string message) =>
        new(Reasons.WaitingForDependency, message, WaitingFor: WaitingFor.On(kind, name));
}
