namespace IoFog.Operator.Microservices;

/// <summary>The reasons of a microservice's conditions and Events, beside those of <see cref="MicroserviceProblem"/>.</summary>
public static class MicroserviceReasons
{
    public const string Created = "MicroserviceCreated";
    public const string Updated = "MicroserviceUpdated";
    public const string Deleted = "MicroserviceDeleted";
}
