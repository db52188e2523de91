using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Unit.Reconciling;

internal sealed record StubSpec
{
    public string? Description { get; init; }

    public string? Name { get; init; }
}

internal sealed record StubStatus : Status
{
    public string? State { get; init; }
}

[JsonSerializable(typeof(Resource<StubSpec, StubStatus>), TypeInfoPropertyName = "Stub")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class StubJson : JsonSerializerContext;

/// <summary>A kind whose outside is a dictionary.</summary>
internal sealed class StubReconciler : IReconciler<StubSpec, StubStatus>
{
    public static JsonTypeInfo<Resource<StubSpec, StubStatus>> Type => StubJson.Default.Stub;

    public IReadOnlyList<string> Commands { get; set; } = [];

    public Func<Turn<StubSpec, StubStatus>, CancellationToken, Task<Outcome>> OnReconcile { get; set; } =
        static (_, _) => Task.FromResult(Outcome.Settled(Readiness.True("Fine", "")));

    public Func<Turn<StubSpec, StubStatus>, CancellationToken, Task<Outcome>> OnDelete { get; set; } =
        static (_, _) => Task.FromResult(Outcome.Gone);

    public Task<Outcome> ReconcileAsync(Turn<StubSpec, StubStatus> turn, CancellationToken cancellationToken) => OnReconcile(turn, cancellationToken);

    public Task<Outcome> DeleteAsync(Turn<StubSpec, StubStatus> turn, CancellationToken cancellationToken) => OnDelete(turn, cancellationToken);
}
