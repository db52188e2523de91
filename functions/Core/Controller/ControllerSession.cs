namespace IoFog.Operator.Controller;

/// <summary>One user at one Controller: a token that is used for as long as it works, and a limit of requests in flight.</summary>
/// <param name="endpoint">As <c>http://controller:51121</c>.</param>
/// <param name="credentials">Null for calls that need no login.</param>
public sealed class ControllerSession(Uri endpoint, ControllerCredentials? credentials) : IDisposable
{
    // The Controller is one thread with one database connection: more only makes each of them slower.
    private const int InFlight = 2;

    private readonly SemaphoreSlim slots = new(InFlight);
    private readonly SemaphoreSlim logIn = new(1);
    private volatile bool doubted;
    private string? token;

    public Uri Endpoint { get; } = endpoint;

    public ControllerCredentials? Credentials => credentials;

    /// <summary>True when address or credentials may be old: nobody answered, or the user was not let in.</summary>
    internal bool IsDoubted => doubted;

    internal void Doubt() => doubted = true;

    internal void Trust() => doubted = false;

    internal async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        return new Slot(slots);
    }

    internal async Task<string> TokenAsync(
        Func<ControllerCredentials, CancellationToken, Task<string>> log, CancellationToken cancellationToken)
    {
        if (token is { } known)
            return known;
        await logIn.WaitAsync(cancellationToken);
        try
        {
            return token ??= await log(credentials!, cancellationToken);
        }
        finally
        {
            logIn.Release();
        }
    }

    internal void Forget(string old) => Interlocked.CompareExchange(ref token, null, old);

    public void Dispose()
    {
        slots.Dispose();
        logIn.Dispose();
    }

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
