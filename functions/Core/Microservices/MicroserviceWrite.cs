using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>One request that changes a microservice.</summary>
public abstract record MicroserviceWrite
{
    private MicroserviceWrite()
    {
    }

    /// <summary>What it changes, for people.</summary>
    public abstract string What { get; }

    /// <param name="controller">Holds the microservice.</param>
    /// <param name="uuid">Of the microservice.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public abstract Task CarryOutAsync(ControllerClient controller, string uuid, CancellationToken cancellationToken);

    /// <summary>Sets fields, but never the list of ports: the Controller removes all that are there before it looks at the first new one.</summary>
    public sealed record Patch(JsonObject Fields, string Differs) : MicroserviceWrite
    {
        /// <inheritdoc/>
        public override string What => Differs;

        /// <inheritdoc/>
        public override Task CarryOutAsync(ControllerClient controller, string uuid, CancellationToken cancellationToken) =>
            controller.UpdateMicroserviceAsync(uuid, Fields, cancellationToken);

        /// <summary>Never the values: a variable can be a secret.</summary>
        public override string ToString() => $"Patch {Differs}";
    }

    /// <summary>Maps a port; a refusal changes nothing.</summary>
    public sealed record AddPort(JsonObject Port) : MicroserviceWrite
    {
        /// <inheritdoc/>
        public override string What => $"port {Port["internal"]}";

        /// <inheritdoc/>
        public override Task CarryOutAsync(ControllerClient controller, string uuid, CancellationToken cancellationToken) =>
            controller.AddPortAsync(uuid, Port, cancellationToken);
    }

    /// <summary>Unmaps a port of the container.</summary>
    public sealed record RemovePort(int Internal) : MicroserviceWrite
    {
        /// <inheritdoc/>
        public override string What => $"port {Internal}";

        /// <inheritdoc/>
        public override Task CarryOutAsync(ControllerClient controller, string uuid, CancellationToken cancellationToken) =>
            controller.DeletePortAsync(uuid, Internal, cancellationToken);
    }
}
