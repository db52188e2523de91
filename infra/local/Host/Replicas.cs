namespace IoFog.Operator.Local.Host;

/// <summary>How many replicas an app is to have: KEDA decides between none and one, the HPA from one on.</summary>
internal sealed class Replicas(ScalingOptions options)
{
    private readonly Queue<(DateTimeOffset At, int Count)> recommended = [];
    private DateTimeOffset lastActive;

    public int Wanted { get; private set; }

    /// <summary>There is work: told by the stream, or by a poll.</summary>
    public void Active(DateTimeOffset now)
    {
        lastActive = now;
        if (Wanted == 0)
            Wanted = 1;
    }

    /// <summary>A poll found no work. Only polls put an app to sleep.</summary>
    public void Inactive(DateTimeOffset now)
    {
        if (Wanted == 0 || now - lastActive < options.Cooldown)
            return;
        Wanted = 0;
        recommended.Clear();
    }

    /// <summary>A poll found so much work. More replicas come at once, fewer only when no more were wanted for some time.</summary>
    public void Measured(double work, double targetPerReplica, DateTimeOffset now)
    {
        if (Wanted == 0)
            return;
        var count = (int)Math.Clamp(Math.Ceiling(work / targetPerReplica), 1, options.MaxReplicas);
        recommended.Enqueue((now, count));
        while (now - recommended.Peek().At > options.Stabilization)
            recommended.Dequeue();
        Wanted = Math.Max(count, Math.Min(Wanted, recommended.Max(one => one.Count)));
    }
}
