using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>The Controller's database, in memory. Whoever reads or writes holds <see cref="Gate"/>.</summary>
public sealed class ControllerState(TimeProvider time)
{
    private const string Alphabet = "2346789bcdfghjkmnpqrtvwxyzBCDFGHJKLMNPQRTVWXYZ";

    private static readonly string[] ChangeFlags =
    [
        "config", "version", "reboot", "deleteNode", "microserviceList", "microserviceConfig", "routing", "registries", "tunnel", "diagnostics",
        "isImageSnapshot", "prune", "routerChanged", "linkedEdgeResources",
    ];

    private readonly Dictionary<string, JsonObject> changesOf = [];
    private long lastId;

    internal Lock Gate { get; } = new();

    internal List<User> Users { get; } = [];

    internal Dictionary<string, Token> Tokens { get; } = [];

    internal List<JsonObject> Agents { get; } = [];

    internal List<JsonObject> Applications { get; } = [];

    internal List<JsonObject> Microservices { get; } = [];

    internal List<JsonObject> Routes { get; } = [];

    internal List<JsonObject> Templates { get; } = [];

    internal List<JsonObject> Registries { get; } = [];

    internal List<JsonObject> CatalogItems { get; } = [];

    internal List<JsonObject> EdgeResources { get; } = [];

    internal List<(string Agent, long Resource)> Links { get; } = [];

    internal Dictionary<string, string> Config { get; } = [];

    /// <summary>One key per agent, by its uuid.</summary>
    internal Dictionary<string, (string Key, DateTimeOffset Expires)> ProvisioningKeys { get; } = [];

    /// <summary>The tokens of devices.</summary>
    internal Dictionary<string, AgentToken> AgentTokens { get; } = [];

    /// <summary><c>upgrade</c> or <c>rollback</c>, by the agent's uuid.</summary>
    internal Dictionary<string, string> VersionCommands { get; } = [];

    /// <summary>What devices report of their hardware.</summary>
    internal Dictionary<(string Agent, string Part), JsonObject> Hal { get; } = [];

    internal JsonObject? DefaultRouter { get; set; }

    internal DateTimeOffset Started { get; } = time.GetUtcNow();

    internal TimeProvider Time => time;

    /// <summary>How many agents, applications, microservices, routes and edge resources there are.</summary>
    public (int Agents, int Applications, int Microservices, int Routes, int EdgeResources) Count()
    {
        lock (Gate)
            return (Agents.Count, Applications.Count, Microservices.Count, Routes.Count, EdgeResources.Count);
    }

    /// <summary>Tells a device that something changed, with the flags that it looks for.</summary>
    internal void Raise(string agent, params ReadOnlySpan<string> flags)
    {
        var changes = ChangesOf(agent);
        foreach (var flag in flags)
            changes[flag] = true;
        changes["lastUpdated"] = Now();
    }

    /// <summary>What a device is to look at.</summary>
    internal JsonObject Changes(string agent) => ChangesOf(agent).DeepClone().AsObject();

    /// <summary>Clears what was raised up to a time; without one, nothing.</summary>
    internal void ClearChanges(string agent, string? upTo)
    {
        var changes = ChangesOf(agent);
        if (upTo is null || string.CompareOrdinal(changes["lastUpdated"]!.GetValue<string>(), upTo) > 0)
            return;
        foreach (var flag in ChangeFlags)
            changes[flag] = false;
    }

    private JsonObject ChangesOf(string agent)
    {
        if (!changesOf.TryGetValue(agent, out var changes))
        {
            changesOf[agent] = changes = new(ChangeFlags.Select(flag => KeyValuePair.Create(flag, (JsonNode?)JsonValue.Create(false))));
            changes["lastUpdated"] = Now();
        }

        return changes;
    }

    internal long NextId() => ++lastId;

    internal long NextRegistryId() => Registries.Max(row => (long)Fields.Number(row["id"]!)) + 1;

    internal string Now() => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    internal long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    internal static string NewId(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    internal sealed record User(long Id, string Email)
    {
        public required string FirstName { get; set; }

        public required string LastName { get; set; }

        public required string Password { get; set; }
    }

    internal sealed record AgentToken(string Agent)
    {
        public required DateTimeOffset Expires { get; set; }
    }

    internal sealed record Token(long UserId)
    {
        public required DateTimeOffset Expires { get; set; }
    }
}
