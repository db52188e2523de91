namespace IoFog.Operator.Benchmarks.Rig;

internal static class Poll
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Looks again and again until it holds.</summary>
    /// <exception cref="InvalidOperationException">It does not within five minutes.</exception>
    public static async Task UntilAsync(string what, Func<Task<bool>> holds, CancellationToken cancellationToken, int everyMilliseconds = 2)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Limit)
                throw new InvalidOperationException($"Not within {Limit.TotalMinutes} min: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(everyMilliseconds), TimeProvider.System, cancellationToken);
        }
    }
}
