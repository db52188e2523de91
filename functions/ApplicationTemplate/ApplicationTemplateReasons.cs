namespace IoFog.Operator.ApplicationTemplates;

/// <summary>The reasons of an application template's conditions and Events.</summary>
public static class ApplicationTemplateReasons
{
    public const string Available = "TemplateAvailable";
    public const string Invalid = "TemplateInvalid";
    public const string NotKept = "NotKept";
    public const string Stored = "TemplateStored";
    public const string Deleted = "TemplateDeleted";
}
