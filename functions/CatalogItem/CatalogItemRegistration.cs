using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.CatalogItems;

public static class CatalogItemRegistration
{
    /// <summary>Adds the kind CatalogItem.</summary>
    public static IServiceCollection AddCatalogItem(this IServiceCollection services) =>
        services.AddKind<CatalogItemReconciler, CatalogItemSpec, CatalogItemStatus>(Kinds.CatalogItem, CatalogItemJson.Default.CatalogItem);
}
