namespace IoFog.Operator.Microservices;

/// <summary>The reasons of a microservice's conditions and Events.</summary>
public static class MicroserviceReasons
{
    public const string ImagesMissing = "ImagesMissing";
    public const string ImageMissing = "ImageMissing";
    public const string Invalid = "MicroserviceInvalid";
    public const string Created = "MicroserviceCreated";
    public const string Updated = "MicroserviceUpdated";
    public const string Deleted = "MicroserviceDeleted";
}
