using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Registries;

/// <summary>One thing to do for a registry.</summary>
internal abstract record RegistryStep
{
    private RegistryStep()
    {
    }

    public sealed record Create(JsonObject Body) : RegistryStep
    {
        /// <summary>Never the password.</summary>
        public override string ToString() => "Create";
    }

    public sealed record Update(long Id, JsonObject Fields) : RegistryStep
    {
        /// <inheritdoc cref="Create.ToString"/>
        public override string ToString() => $"Update {Id}";
    }

    public sealed record DeleteDuplicate(long Id) : RegistryStep;
}

/// <summary>What has to be done so that the Controller holds a registry as its spec says, in order.</summary>
internal static class RegistryPlan
{
    // The Controller wants both, also where nobody signs in.
    private const string NoUser = "anonymous";
    private const string NoEmail = "nobody@example.com";

    /// <param name="spec">What it is to be.</param>
    /// <param name="status">What is known of it.</param>
    /// <param name="password">Null where the spec refers to none.</param>
    /// <param name="observed">All that the Controller shows, the first one first.</param>
    public static IReadOnlyList<RegistryStep> Of(RegistrySpec spec, RegistryStatus status, SecretValue? password, IReadOnlyList<RegistryEntry> observed)
    {
        if (Find(spec, status, observed) is not { } own)
            return [new RegistryStep.Create(Body(spec, password))];
        var steps = new List<RegistryStep>();
        if (Changes(spec, password, status, own) is { Count: > 0 } changes)
            steps.Add(new RegistryStep.Update(own.Id, changes));

        // Of public ones nobody knows whose they are.
        steps.AddRange(observed.Where(entry => entry.Id != own.Id && entry.Id != status.Id && IsMeant(spec, entry) && !entry.IsPublic)
            .Select(entry => new RegistryStep.DeleteDuplicate(entry.Id)));
        return steps;
    }

    /// <summary>The entry that an object stands for: the one that it made, else the first that the spec can mean; null when there is none.</summary>
    public static RegistryEntry? Find(RegistrySpec spec, RegistryStatus status, IReadOnlyList<RegistryEntry> observed) =>
        observed.FirstOrDefault(entry => entry.Id == status.Id && entry.UserId is not null) ?? observed.FirstOrDefault(entry => IsMeant(spec, entry));

    /// <summary>Why a spec can't work as it is written, naming the field; null when it can.</summary>
    public static string? Problem(RegistrySpec? spec) => spec switch
    {
        null or { Url: null or "" } => "spec.url is needed",
        _ when ImageSources.HasAccount(spec.Url) => "spec.url: no account may stand in it; spec.username and spec.passwordSecretRef are for that",
        { Private: true, Username: null or "" } => "spec.username is needed for a private registry",
        { Private: true, PasswordSecretRef: null } => "spec.passwordSecretRef is needed for a private registry",
        { RequiresCert: true, Certificate: null or "" } => "spec.certificate is needed where spec.requiresCert is true",
        { Certificate: { } certificate } when certificate.Contains("PRIVATE KEY", StringComparison.Ordinal) => "spec.certificate: a private key stands in it, which is nobody's but the registry's own",
        _ when ImageSources.RegistryIdOf(spec.Url) is not null => $"spec.url: microservices mean another registry by {spec.Url}",
        _ when Literal.FindUnkeepable(JsonSerializer.SerializeToNode(spec, RegistryJson.Default.RegistrySpec), "spec") is { } path =>
            $"{path}: the Controller takes this text for the end of a template",
        _ => null,
    };

    // URLs may repeat, for several accounts; and what is public can be another user's, which no request changes.
    private static bool IsMeant(RegistrySpec spec, RegistryEntry entry) =>
        entry.UserId is not null && entry.Url == spec.Url && entry.Username == (spec.Username ?? NoUser) && (!entry.IsPublic || Changes(spec, entry).Count == 0);

    private static JsonObject Body(RegistrySpec spec, SecretValue? password)
    {
        var body = Wanted(spec);
        body["password"] = password?.Text ?? "";
        if (spec.Certificate is null)
            body.Remove("certificate");
        return body;
    }

    private static JsonObject Changes(RegistrySpec spec, SecretValue? password, RegistryStatus status, RegistryEntry observed)
    {
        var changes = Changes(spec, observed);
        if (password?.Version != status.PasswordVersion)
            changes["password"] = password?.Text ?? "";
        if (changes.ContainsKey("requiresCert"))
            changes["certificate"] = spec.Certificate ?? ""; // the one is refused without the other
        return changes;
    }

    private static JsonObject Changes(RegistrySpec spec, RegistryEntry observed)
    {
        var changes = Wanted(spec);
        foreach (var (field, has) in new (string, JsonNode?)[]
        {
            ("url", observed.Url), ("isPublic", observed.IsPublic), ("username", observed.Username), ("email", observed.UserEmail),
            ("requiresCert", observed.RequiresCert ?? false), ("certificate", observed.Certificate ?? ""),
        })
        {
            if (JsonNode.DeepEquals(changes[field], has))
                changes.Remove(field);
        }

        return changes;
    }

    // All but the password.
    private static JsonObject Wanted(RegistrySpec spec) => new()
    {
        ["url"] = spec.Url,
        ["isPublic"] = spec.Private != true,
        ["username"] = spec.Username ?? NoUser,
        ["email"] = spec.Email ?? NoEmail,
        ["requiresCert"] = spec.RequiresCert ?? false,
        ["certificate"] = spec.Certificate ?? "",
    };
}
