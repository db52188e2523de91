using System.Diagnostics;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Watcher;

/// <summary>Where the trace of a change begins. The queue carries it to the app.</summary>
internal static class Traces
{
    /// <summary>A span from the watch event to the queue; null when nobody collects traces.</summary>
    public static Activity? Begin(Send send) => Telemetry.Source.HasListeners()
        ? Telemetry.Source.StartActivity(
            ActivityKind.Producer, default, ChangeScope.TagsOf(send.Change), startTime: send.Since, name: $"due {send.Change.Kind}")
        : null;

    /// <summary>An id all the same, so that the log lines of both sides can be found by it, and the app's spans where only that is collected.</summary>
    public static string NewParent() => $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";
}
