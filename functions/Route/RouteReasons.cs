namespace IoFog.Operator.Routes;

/// <summary>The reasons of a route's conditions and Events.</summary>
public static class RouteReasons
{
    public const string Connected = "RouteConnected";
    public const string Invalid = "RouteInvalid";
    public const string PairTaken = "PairTaken";
    public const string NotKept = "NotKept";
    public const string Created = "RouteCreated";
    public const string Deleted = "RouteDeleted";
}
