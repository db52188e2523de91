using System.Globalization;

namespace IoFog.Operator.Watcher.Scaling;

/// <summary>What a ScaledObject says of the app that it scales.</summary>
/// <param name="Kinds">The kinds that the app serves; none of an app that this watcher does not know.</param>
/// <param name="TargetPerReplica">How many objects one replica is to have in work.</param>
/// <param name="Objection">What in it was not understood, for people.</param>
internal sealed record ScaledApp(IReadOnlyList<Kind> Kinds, int TargetPerReplica, string? Objection)
{
    /// <summary>Trigger metadata: the kinds, divided by commas.</summary>
    public const string KindsKey = "kinds";

    /// <summary>Trigger metadata, not required.</summary>
    public const string TargetKey = "targetPerReplica";

    /// <summary>What one replica takes off its queue at once: <c>batchSize</c> and <c>newBatchThreshold</c> of <c>host.json</c> together.</summary>
    public const int DefaultTarget = 6;

    /// <param name="scaled">As KEDA sends it.</param>
    /// <param name="served">The namespace that this watcher serves.</param>
    public static ScaledApp Read(ScaledObjectRef scaled, string served)
    {
        if (scaled.Namespace != served)
            return new([], DefaultTarget, $"this watcher serves the namespace {served}");
        if (!scaled.ScalerMetadata.TryGetValue(KindsKey, out var names) || string.IsNullOrWhiteSpace(names))
            return new([], DefaultTarget, $"its trigger's metadata lacks {KindsKey}");
        string? objection = null;
        var kinds = new List<Kind>();
        foreach (var name in names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Operator.Kinds.Find(name) is not { } kind)
                objection = $"{KindsKey}: there is no kind {name}";
            else if (!kinds.Contains(kind))
                kinds.Add(kind);
        }

        var target = DefaultTarget;
        if (scaled.ScalerMetadata.TryGetValue(TargetKey, out var text)
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out target) && target > 0))
        {
            target = DefaultTarget;
            objection = $"{TargetKey}: '{text}' is not a number above 0";
        }

        return new(kinds, target, objection);
    }
}
