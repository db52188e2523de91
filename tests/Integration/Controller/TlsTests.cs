using System.Security.Cryptography.X509Certificates;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Integration.Controller;

/// <summary>A Controller whose certificate is of a private authority: <c>ca.crt</c> in the Secret with its credentials says which.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 authority = Certificates.Authority();
    private readonly X509Certificate2 other = Certificates.Authority();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        authority.Dispose();
        other.Dispose();
    }

    [Fact]
    public async Task Is_trusted_by_its_authority_alone()
    {
        await using var network = await Network.StartAsync();
        using var certificate = Certificates.Issue(authority, "localhost", server: true);
        await using var door = await ControllerDoor.OpenAsync(network.Endpoint, Cancellation, certificate);
        Assert.Equal("https", door.Endpoint.Scheme);

        Assert.Equal("online", await StatusAsync(network, door, authority.ExportCertificatePem()));
        Assert.Equal("online", await StatusAsync(network, door, $"{other.ExportCertificatePem()}\n{authority.ExportCertificatePem()}"));
        await Assert.ThrowsAsync<ControllerUnavailableException>(() => StatusAsync(network, door, other.ExportCertificatePem()));
        await Assert.ThrowsAsync<ControllerUnavailableException>(() => StatusAsync(network, door, null));
        await Assert.ThrowsAsync<ControllerUnavailableException>(() => StatusAsync(network, door, "no certificate"));
    }

    [Fact]
    public async Task Is_not_trusted_under_another_name()
    {
        await using var network = await Network.StartAsync();
        using var certificate = Certificates.Issue(authority, "elsewhere", server: true);
        await using var door = await ControllerDoor.OpenAsync(network.Endpoint, Cancellation, certificate);

        await Assert.ThrowsAsync<ControllerUnavailableException>(() => StatusAsync(network, door, authority.ExportCertificatePem()));
    }

    private static async Task<string> StatusAsync(Network network, ControllerDoor door, string? trusted)
    {
        var user = new ControllerCredentials("jane@example.com", "change-me-please") { Authority = trusted };
        return (await network.Connection.Connect(new UriBuilder(door.Endpoint) { Host = "localhost" }.Uri, user).GetStatusAsync(Cancellation)).Status;
    }
}
