namespace IoFog.Operator.CatalogItems;

/// <summary>The reasons of a catalog item's conditions and Events.</summary>
public static class CatalogItemReasons
{
    public const string Available = "CatalogItemAvailable";
    public const string Invalid = "CatalogItemInvalid";
    public const string SystemItem = "SystemItem";
    public const string InUse = "CatalogItemInUse";
    public const string RegistryMissing = "RegistryMissing";
    public const string NotKept = "NotKept";
    public const string Created = "CatalogItemCreated";
    public const string Updated = "CatalogItemUpdated";
    public const string Deleted = "CatalogItemDeleted";
}
