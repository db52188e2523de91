namespace IoFog.Operator.EdgeResources;

/// <summary>The reasons of an edge resource's conditions and Events.</summary>
public static class EdgeResourceReasons
{
    public const string Available = "EdgeResourceAvailable";
    public const string Invalid = "EdgeResourceInvalid";
    public const string NotKept = "NotKept";
    public const string Stored = "EdgeResourceStored";
    public const string Deleted = "EdgeResourceDeleted";
    public const string Duplicates = "DuplicatesReplaced";
    public const string Attached = "Attached";
    public const string Detached = "Detached";
}
