namespace IoFog.Operator.Applications;

/// <summary>The reasons of an application's conditions and Events.</summary>
public static class ApplicationReasons
{
    public const string Running = "ApplicationRunning";
    public const string NotAllRunning = "NotAllRunning";
    public const string Stopped = "ApplicationStopped";
    public const string Invalid = "ApplicationInvalid";
    public const string Created = "ApplicationCreated";
    public const string Updated = "ApplicationUpdated";
    public const string Deleted = "ApplicationDeleted";
    public const string DuplicateDeleted = "DuplicateDeleted";
    public const string ChildCreated = "ChildCreated";
    public const string ChildUpdated = "ChildUpdated";
    public const string ChildDeleted = "ChildDeleted";
    public const string PairTaken = "PairTaken";
    public const string TemplateMissing = "TemplateMissing";
    public const string TemplateBroken = "TemplateBroken";
    public const string TemplateBlocked = "TemplateBlocked";
    public const string Instantiated = "TemplateInstantiated";
}
