using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace IoFog.Operator.Watcher;

/// <summary>Settings of an address to listen on.</summary>
internal static class Endpoints
{
    /// <summary>Listens there; where no address was given on all of both families, or on those of IPv4 where there are no others.</summary>
    public static void Listen(KestrelServerOptions kestrel, IPEndPoint at, Action<ListenOptions> configure)
    {
        if (at.Address.Equals(IPAddress.IPv6Any))
            kestrel.ListenAnyIP(at.Port, configure);
        else
            kestrel.Listen(at, configure);
    }

    /// <summary>Reads <c>…__Address</c> and <c>…__Port</c>. Port 0 lets the system choose; the host logs what it chose.</summary>
    /// <exception cref="InvalidOperationException">One of them is wrong; the message names it.</exception>
    public static IPEndPoint Read(IConfiguration settings, string section, int defaultPort)
    {
        var address = settings[$"{section}:Address"] switch
        {
            null or "" => IPAddress.IPv6Any,
            var text when IPAddress.TryParse(text, out var parsed) => parsed,
            var text => throw new InvalidOperationException($"{section}__Address: '{text}' is not an IP address"),
        };
        var port = settings[$"{section}:Port"] switch
        {
            null or "" => defaultPort,
            var text when int.TryParse(text, CultureInfo.InvariantCulture, out var parsed) && parsed is >= 0 and <= 65535 => parsed,
            var text => throw new InvalidOperationException($"{section}__Port: '{text}' is not a port"),
        };
        return new(address, port);
    }
}
