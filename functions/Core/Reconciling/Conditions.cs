namespace IoFog.Operator.Reconciling;

/// <summary>The conditions that say how a turn ended.</summary>
internal static class Conditions
{
    /// <summary>Synced and Ready always; Reconciling or Stalled only while true.</summary>
    public static IReadOnlyList<Condition> Of(Outcome outcome, Status before, long generation, DateTimeOffset now)
    {
        var (synced, ready) = outcome switch
        {
            Outcome.SettledOutcome settled => (new Readiness("True", Reasons.Synced, ""), settled.Ready),
            Outcome.ContinueOutcome working => Both(Readiness.False(Reasons.Progressing, working.Message)),
            Outcome.LaterOutcome later => Both(Readiness.False(later.Reason, later.Message)),
            Outcome.RefusedOutcome refused => Both(Readiness.False(refused.Reason, refused.Message)),
            _ => throw new InvalidOperationException($"unknown outcome {outcome.GetType().Name}"),
        };
        var conditions = new List<Condition> { Make(Names.Synced, synced), Make(Names.Ready, ready) };
        if (outcome is Outcome.ContinueOutcome or Outcome.LaterOutcome)
            conditions.Add(Make(Names.Reconciling, synced with { Status = "True" }));
        if (outcome is Outcome.RefusedOutcome)
            conditions.Add(Make(Names.Stalled, synced with { Status = "True" }));
        return conditions;

        Condition Make(string type, Readiness says)
        {
            var last = Find(before.Conditions, type);
            return new()
            {
                Type = type,
                Status = says.Status,
                Reason = says.Reason,
                Message = says.Message,
                ObservedGeneration = generation,
                LastTransitionTime = last?.Status == says.Status ? last.LastTransitionTime : WholeSecond(now),
            };
        }
    }

    public static Condition? Find(IReadOnlyList<Condition>? conditions, string type) =>
        conditions?.FirstOrDefault(condition => condition.Type == type);

    // metav1.Time has no fraction.
    private static DateTimeOffset WholeSecond(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    private static (Readiness, Readiness) Both(Readiness readiness) => (readiness, readiness);
}
