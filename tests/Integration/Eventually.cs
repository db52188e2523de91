namespace IoFog.Operator.Integration;

internal static class Eventually
{
    /// <summary>Looks again and again until it holds.</summary>
    public static async Task HoldsAsync(string what, Func<Task<bool>> holds, int seconds = 30)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"Not within {seconds} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
