using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What somebody wants to do to what; empty where it does not apply.</summary>
/// <param name="User">As <c>system:serviceaccount:edge:watcher</c>.</param>
/// <param name="Verb">As in a rule.</param>
/// <param name="Group">Of the resource; empty for the core.</param>
/// <param name="Resource">The plural; after a slash the subresource.</param>
/// <param name="Namespace">Empty for the whole cluster.</param>
/// <param name="Name">Empty for all, and for a create by POST.</param>
public sealed record Attempt(string User, string Verb, string Group, string Resource, string Namespace, string Name)
{
    public override string ToString() =>
        $"{User} {Verb} {Resource}{(Group.Length == 0 ? "" : $".{Group}")}{(Name.Length == 0 ? "" : $" {Name}")}{(Namespace.Length == 0 ? " in the cluster" : $" in {Namespace}")}";
}

/// <summary>One attempt and what came of it.</summary>
/// <param name="What">The attempt.</param>
/// <param name="GrantedBy">Role, binding and index of the rule; null when it was forbidden.</param>
/// <param name="IsRequest">False for what a request needs beside: a patch that creates, or an owner's finalizers.</param>
public sealed record Audited(Attempt What, string? GrantedBy, bool IsRequest);

/// <summary>RBAC: roles, bindings, and the rule that nobody grants what he does not hold.</summary>
internal sealed class Authorization(ClusterState state, Action<Audited>? audit)
{
    private const string Rbac = "rbac.authorization.k8s.io";

    /// <exception cref="ApiError">403.</exception>
    public void Require(User user, Attempt attempt, bool isRequest = false)
    {
        if (user.IsAdmin)
            return;
        if (!IsAllowed(user, attempt, isAudited: true, isRequest))
        {
            var where = attempt.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{attempt.Namespace}\"";
            var named = attempt.Name.Length == 0 ? attempt.Resource : $"{attempt.Resource}{(attempt.Group.Length == 0 ? "" : $".{attempt.Group}")} \"{attempt.Name}\"";
            throw new ApiError(403, "Forbidden",
                $"{named} is forbidden: User \"{attempt.User}\" cannot {attempt.Verb} resource \"{attempt.Resource}\" in API group \"{attempt.Group}\" {where}");
        }
    }

    public bool IsAllowed(User user, Attempt attempt, bool isAudited = false, bool isRequest = false)
    {
        if (user.IsAdmin)
            return true;
        var granted = RulesOf(user, attempt.Namespace).Where(rule => Grants(rule.Rule, attempt)).Select(rule => rule.From).FirstOrDefault();
        if (isAudited)
            audit?.Invoke(new(attempt, granted, isRequest));
        return granted is not null;
    }

    /// <summary>All rules that a user has in a namespace.</summary>
    public IEnumerable<JsonObject> RulesIn(User user, string @namespace) => RulesOf(user, @namespace).Select(rule => rule.Rule);

    /// <summary>A Role may hold only what its writer holds, or may <c>escalate</c>; a binding's writer holds the role's rules, or may <c>bind</c>.</summary>
    /// <exception cref="ApiError">403.</exception>
    public void RequireNoEscalation(User user, ResourceType type, string @namespace, string name, JsonObject body)
    {
        if (user.IsAdmin || type.Group != Rbac)
            return;
        var rules = body["rules"] as JsonArray;
        if (body["roleRef"] is { } role)
        {
            var isCluster = role["kind"]?.GetValue<string>() == "ClusterRole";
            var roleName = role["name"]?.GetValue<string>() ?? "";
            if (IsAllowed(user, new(user.Name, "bind", Rbac, isCluster ? "clusterroles" : "roles", isCluster ? "" : @namespace, roleName)))
                return;
            rules = state.Storage.Find(new(Rbac, isCluster ? "clusterroles" : "roles"), isCluster ? "" : @namespace, roleName)?.Content["rules"] as JsonArray;
        }
        else if (IsAllowed(user, new(user.Name, "escalate", Rbac, type.Plural, @namespace, name)))
        {
            return;
        }

        foreach (var attempt in (rules ?? []).SelectMany(rule => Attempts(user, @namespace, rule!.AsObject())))
        {
            if (!IsAllowed(user, attempt, isAudited: true))
            {
                throw new ApiError(403, "Forbidden",
                    $"{type.Plural}.{Rbac} \"{name}\" is forbidden: user \"{user.Name}\" is attempting to grant RBAC permissions not currently held: {attempt.Verb} {attempt.Resource} in API group \"{attempt.Group}\"");
            }
        }
    }

    private static IEnumerable<Attempt> Attempts(User user, string @namespace, JsonObject rule) =>
        from verb in Texts(rule["verbs"])
        from @group in Texts(rule["apiGroups"])
        from resource in Texts(rule["resources"])
        from name in Texts(rule["resourceNames"]) is { Length: > 0 } names ? names : [""]
        select new Attempt(user.Name, verb, @group, resource, @namespace, name);

    private IEnumerable<(JsonObject Rule, string From)> RulesOf(User user, string @namespace)
    {
        var bindings = state.Storage.List(new(Rbac, "clusterrolebindings"), null).Objects
            .Concat(@namespace.Length == 0 ? [] : state.Storage.List(new(Rbac, "rolebindings"), @namespace).Objects);
        foreach (var binding in bindings.Where(binding => (binding.Content["subjects"] as JsonArray ?? []).Any(subject => IsSubject(subject!.AsObject(), user))))
        {
            var role = binding.Content["roleRef"]!;
            var isCluster = role["kind"]!.GetValue<string>() == "ClusterRole";
            var name = role["name"]!.GetValue<string>();
            var found = state.Storage.Find(new(Rbac, isCluster ? "clusterroles" : "roles"), isCluster ? "" : binding.Namespace, name);
            foreach (var (i, rule) in (found?.Content["rules"] as JsonArray ?? []).Index())
                yield return (rule!.AsObject(), $"{role["kind"]} {name} rules[{i}]");
        }
    }

    private static bool Grants(JsonObject rule, Attempt attempt) =>
        Has(rule["verbs"], attempt.Verb) && Has(rule["apiGroups"], attempt.Group) && Has(rule["resources"], attempt.Resource)
        && (Texts(rule["resourceNames"]) is not { Length: > 0 } names || names.Contains(attempt.Name));

    private static bool Has(JsonNode? list, string wanted) => Texts(list).Any(option => option == "*" || option == wanted);

    private static string[] Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => item!.GetValue<string>())];

    private static bool IsSubject(JsonObject subject, User user) => subject["kind"]?.GetValue<string>() switch
    {
        "ServiceAccount" => user.Name == $"system:serviceaccount:{subject["namespace"]}:{subject["name"]}",
        "Group" => user.Groups.Contains(subject["name"]!.GetValue<string>()),
        _ => user.Name == subject["name"]?.GetValue<string>(),
    };
}

/// <summary>Somebody with a token.</summary>
internal sealed record User(string Name, IReadOnlyList<string> Groups)
{
    public bool IsAdmin => Groups.Contains("system:masters");

    public static User Of(string name) => new(name, name == Reviews.Admin ? ["system:masters", "system:authenticated"]
        : name.Split(':') is ["system", "serviceaccount", var space, _] ? ["system:serviceaccounts", $"system:serviceaccounts:{space}", "system:authenticated"]
        : ["system:authenticated"]);
}
