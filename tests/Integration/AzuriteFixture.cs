using IoFog.Operator.Integration;
using IoFog.Operator.Local;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace IoFog.Operator.Integration;

/// <summary>One Azurite, the real one, for all tests; each uses queues of its own.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private Azurite? azurite;

    public string ConnectionString => azurite!.ConnectionString;

    public async ValueTask InitializeAsync() =>
        azurite = await Azurite.StartAsync(Layout.Azurite, static _ => { }, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (azurite is not null)
            await azurite.DisposeAsync();
    }
}
