using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Admin;

/// <summary>Who asks, as the cluster knows them.</summary>
/// <param name="name">The user name.</param>
/// <param name="user">As in a TokenReview: username, uid, groups, extra.</param>
/// <param name="token">Never shown, never logged.</param>
internal sealed class Caller(string name, JsonObject user, string token)
{
    public string Name => name;

    public JsonObject User => user;

    public string Token => token;

    /// <summary>What a token is remembered by: whoever reads our memory finds no token.</summary>
    public static string KeyOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public override string ToString() => name;
}
