using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>The Controller's database, in memory. Whoever reads or writes holds <see cref="Gate"/>.</summary>
public sealed class ControllerState(TimeProvider time)
{
    private const string Alphabet = "2346789bcdfghjkmnpqrtvwxyzBCDFGHJKLMNPQRTVWXYZ";

    private long lastId;

    internal Lock Gate { get; } = new();

    internal List<User> Users { get; } = [];

    internal Dictionary<string, Token> Tokens { get; } = [];

    internal List<JsonObject> Agents { get; } = [];

    internal List<JsonObject> Applications { get; } = [];

    internal List<JsonObject> Microservices { get; } = [];

    internal List<JsonObject> Routes { get; } = [];

    internal List<JsonObject> EdgeResources { get; } = [];

    internal List<(string Agent, long Resource)> Links { get; } = [];

    internal Dictionary<string, string> Config { get; } = [];

    internal JsonObject? DefaultRouter { get; set; }

    internal DateTimeOffset Started { get; } = time.GetUtcNow();

    internal TimeProvider Time => time;

    /// <summary>How many agents, applications, microservices, routes and edge resources there are.</summary>
    public (int Agents, int Applications, int Microservices, int Routes, int EdgeResources) Count()
    {
        lock (Gate)
            return (Agents.Count, Applications.Count, Microservices.Count, Routes.Count, EdgeResources.Count);
    }

    internal long NextId() => ++lastId;

    internal string Now() => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    internal long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    internal static string NewId(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    internal sealed record User(long Id, string FirstName, string LastName, string Email)
    {
        public required string Password { get; set; }
    }

    internal sealed record Token(long UserId)
    {
        public required DateTimeOffset Expires { get; set; }
    }
}
