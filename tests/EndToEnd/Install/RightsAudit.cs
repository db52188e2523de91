using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.EndToEnd.Install;

/// <summary>What service accounts attempted, beside what their Roles grant them: by rule, verb, resource and name.</summary>
internal sealed class RightsAudit
{
    private readonly ConcurrentDictionary<Audited, bool> seen = [];

    /// <summary>Receives one attempt.</summary>
    public void Note(Audited one) => seen[one] = true;

    /// <summary>What somebody of a namespace attempted and could not.</summary>
    public IReadOnlyList<string> ForbiddenIn(string space) =>
        [.. seen.Keys.Where(one => one.GrantedBy is null && IsOf(one, space)).Select(one => one.What.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>What Roles grant and nobody used: a line for each verb of each resource, and for each name, of each rule.</summary>
    /// <param name="releases">Of one chart: what one of them uses of a component's Role counts for all.</param>
    /// <param name="but">Resources, with their group, of which nothing is said.</param>
    public IReadOnlyList<string> UnusedIn(IReadOnlyList<Release> releases, IEnumerable<string> but)
    {
        var used = seen.Keys.Where(one => one.GrantedBy is not null && releases.Any(release => IsOf(one, release.Namespace))).ToArray();
        return [.. releases.SelectMany(release => release.Roles).SelectMany(role => role.Role["rules"]!.AsArray().SelectMany((rule, i) => Grants(role.Account, role.Role, rule!, i)))
            .Where(grant => !but.Contains(grant.Qualified) && !used.Any(grant.Covers)).Select(grant => grant.ToString()).Distinct().Order(StringComparer.Ordinal)];
    }

    private static bool IsOf(Audited one, string space) => one.What.User.StartsWith($"system:serviceaccount:{space}:iofog-operator-", StringComparison.Ordinal);

    private static IEnumerable<Grant> Grants(string account, JsonObject role, JsonNode rule, int index)
    {
        var from = $"{role["kind"]} {role["metadata"]!["name"]} rules[{index}]";
        foreach (var group in Texts(rule["apiGroups"]))
        {
            foreach (var resource in Texts(rule["resources"]))
            {
                foreach (var verb in Texts(rule["verbs"]))
                    yield return new(account, from, group, resource, verb, null);
                foreach (var name in Texts(rule["resourceNames"]))
                    yield return new(account, from, group, resource, null, name);
            }
        }
    }

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(text => text!.GetValue<string>());

    /// <summary>One verb, or one name, of one resource in a rule.</summary>
    private sealed record Grant(string Account, string From, string Group, string Resource, string? Verb, string? Name)
    {
        public string Qualified => Group.Length == 0 ? Resource : $"{Resource}.{Group}";

        public bool Covers(Audited one) => one.GrantedBy == From && one.What.User.EndsWith($":{Account}", StringComparison.Ordinal)
            && one.What.Group == Group && one.What.Resource == Resource && (Verb is null || one.What.Verb == Verb) && (Name is null || one.What.Name == Name);

        public override string ToString() => $"{Account}: {Verb ?? "anything with"} {Qualified}{(Name is null ? "" : $" {Name}")}";
    }
}
