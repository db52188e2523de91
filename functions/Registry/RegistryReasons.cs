namespace IoFog.Operator.Registries;

/// <summary>The reasons of a registry's conditions and Events.</summary>
public static class RegistryReasons
{
    public const string Available = "RegistryAvailable";
    public const string Invalid = "RegistryInvalid";
    public const string InUse = "RegistryInUse";
    public const string NotKept = "NotKept";
    public const string Created = "RegistryCreated";
    public const string Updated = "RegistryUpdated";
    public const string Deleted = "RegistryDeleted";
    public const string DuplicateDeleted = "DuplicateDeleted";
}
