namespace IoFog.Operator.Unit;

internal static class Eventually
{
    /// <summary>Looks again and again until it holds, which is at once but for the scheduling of other threads.</summary>
    /// <param name="what">For the message.</param>
    /// <param name="holds">The question.</param>
    /// <param name="meanwhile">Done between two looks: lets virtual time pass.</param>
    public static async Task HoldsAsync(string what, Func<bool> holds, Action? meanwhile = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
                Assert.Fail($"Not within 30 s: {what}");
            meanwhile?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
