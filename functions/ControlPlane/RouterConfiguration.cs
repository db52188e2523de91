using System.Text;

namespace IoFog.Operator.ControlPlanes;

/// <summary>
/// The router's configuration. Its listeners take TLS, and let in who does not use it: agents of Controller 3.0 connect without.
/// Between the routers of the cluster it is TLS with certificates that are checked.
/// </summary>
internal static class RouterConfiguration
{
    public const int HealthPort = 9090;

    /// <summary>Between routers of the cluster only: these are known to have a certificate.</summary>
    private const string Internal = "router-internal";

    /// <param name="number">Of this router, from 1.</param>
    /// <param name="connectsTo">Hosts of other routers.</param>
    public static string Of(int number, params IEnumerable<string> connectsTo)
    {
        var text = new StringBuilder();
        Entity(text, "router", ("mode", "interior"), ("id", number == 1 ? "default-router" : $"default-router-{number}"));
        foreach (var name in ObjectPaths.Certificates)
        {
            var folder = $"/etc/qpid-dispatch-certs/{name}";
            Entity(text, "sslProfile", ("name", name), ("certFile", $"{folder}/tls.crt"), ("privateKeyFile", $"{folder}/tls.key"), ("caCertFile", $"{folder}/ca.crt"));
        }

        Entity(text, "listener", [("host", "0.0.0.0"), ("port", $"{RouterPlan.MessagePort}"), ("role", "normal"), .. Tls("router-amqps")]);
        Entity(text, "listener",
            ("host", "0.0.0.0"), ("port", $"{HealthPort}"), ("role", "normal"), ("http", "true"), ("httpRootDir", "disabled"), ("websockets", "false"),
            ("healthz", "true"), ("metrics", "true"));
        Entity(text, "listener", [("host", "0.0.0.0"), ("port", $"{RouterPlan.InteriorPort}"), ("role", "inter-router"), .. Tls(Internal)]);
        Entity(text, "listener", [("host", "0.0.0.0"), ("port", $"{RouterPlan.EdgePort}"), ("role", "edge"), .. Tls(Internal)]);
        foreach (var host in connectsTo)
        {
            Entity(text, "connector",
                ("name", host.Split('.')[0]), ("host", host), ("port", $"{RouterPlan.InteriorPort}"), ("role", "inter-router"), ("sslProfile", Internal),
                ("verifyHostname", "true"), ("saslMechanisms", "ANONYMOUS"));
        }

        return text.ToString();
    }

    private static (string, string)[] Tls(string profile) =>
        [("sslProfile", profile), ("requireSsl", "no"), ("saslMechanisms", "ANONYMOUS"), ("authenticatePeer", "no")];

    private static void Entity(StringBuilder text, string name, params IEnumerable<(string Name, string Value)> fields)
    {
        text.Append(name).Append(" {\n");
        foreach (var field in fields)
            text.Append("    ").Append(field.Name).Append(": ").Append(field.Value).Append('\n');
        text.Append("}\n");
    }
}
