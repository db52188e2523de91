using System.Text.Json.Nodes;

namespace IoFog.Operator.Reconciling;

/// <summary>An object as one read or write of it left it.</summary>
/// <param name="Resource">The typed object.</param>
/// <param name="Watched">What decides whether it is due.</param>
/// <param name="RawStatus">Its status as it came, for compare-and-set patches that hold only what changes.</param>
internal sealed record Held<TSpec, TStatus>(Resource<TSpec, TStatus> Resource, Watched Watched, JsonObject RawStatus)
    where TSpec : class
    where TStatus : Status;
