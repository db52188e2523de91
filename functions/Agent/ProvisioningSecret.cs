using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Agents;

/// <summary>The Secret with what a device needs to become an agent. It goes once a device has.</summary>
internal static class ProvisioningSecret
{
    /// <summary>A key works for twenty minutes; a new one is made when so much is left of it.</summary>
    public static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(5);

    /// <summary>Where iofog-agent looks for the certificate of the Controller's authority.</summary>
    private const string AuthorityFile = "/etc/iofog-agent/cert.crt";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(20);

    public static string NameOf(ResourceKey agent) => $"{agent.Name}-provisioning";

    public static string PathOf(ResourceKey agent) => $"api/v1/namespaces/{agent.Namespace}/secrets/{NameOf(agent)}";

    /// <param name="owner">The Agent object.</param>
    /// <param name="uuid">Of the agent, to know whether a key is for this one.</param>
    /// <param name="name">Of the agent in the Controller.</param>
    /// <param name="controller">As <see cref="ControllerOf"/> gives it.</param>
    /// <param name="authority">As <see cref="AuthorityFor"/> gives it.</param>
    /// <param name="key">A secret.</param>
    public static JsonObject Of(Resource<AgentSpec, AgentStatus> owner, string uuid, string name, string controller, string? authority, string key) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject
        {
            ["name"] = NameOf(owner.Key),
            ["namespace"] = owner.Key.Namespace,
            ["labels"] = new JsonObject
            {
                [Names.ManagedByLabel] = Names.ManagedBy,
                ["app.kubernetes.io/name"] = "agent-provisioning",
                ["app.kubernetes.io/instance"] = owner.Metadata.Name,
                ["app.kubernetes.io/part-of"] = "iofog",
            },
            ["annotations"] = new JsonObject { ["iofog.org/uuid"] = uuid },
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = Kind.ApiVersion,
                ["kind"] = Kinds.Agent.Name,
                ["name"] = owner.Metadata.Name,
                ["uid"] = owner.Metadata.Uid,
                ["controller"] = true,
                ["blockOwnerDeletion"] = true,
            }),
        },
        ["type"] = "Opaque",
        ["data"] = Content(name, controller, authority, key),
    };

    private static JsonObject Content(string name, string controller, string? authority, string key)
    {
        var (before, option) = authority is null ? ("", "") : ($"echo {Base64(authority)} | base64 -d > {AuthorityFile} && ", $" -ac {AuthorityFile}");
        var content = new JsonObject
        {
            ["agent"] = Base64(name),
            ["controller"] = Base64(controller),
            ["key"] = Base64(key),
            ["command"] = Base64($"{before}iofog-agent config -a {controller}{option} && iofog-agent provision {key}\n"),
        };
        if (authority is not null)
            content["ca.crt"] = Base64(authority);
        return content;
    }

    /// <summary>True when a Secret of this name is not this object's.</summary>
    public static bool IsForeign(JsonObject secret, Metadata owner) =>
        secret["metadata"]?["ownerReferences"]?.AsArray().Any(reference => reference?["uid"]?.GetValue<string>() == owner.Uid) != true;

    /// <summary>True when a Secret holds a key of this agent, and the way to this Controller.</summary>
    public static bool IsFor(JsonObject secret, string uuid, string controller, string? authority) =>
        secret["metadata"]?["annotations"]?["iofog.org/uuid"]?.GetValue<string>() == uuid
        && secret["data"]?["controller"]?.GetValue<string>() == Base64(controller)
        && secret["data"]?["ca.crt"]?.GetValue<string>() == (authority is null ? null : Base64(authority))
        && secret["data"]?["key"] is not null && secret["data"]?["command"] is not null;

    /// <summary>Where a device reaches the Controller, as iofog-agent takes it: <c>http://controller:51121/api/v3</c>.</summary>
    /// <param name="spec">May say it.</param>
    /// <param name="own">Where this operator reaches it.</param>
    public static string ControllerOf(AgentSpec spec, Uri own)
    {
        if (spec.ControllerEndpoint is not { Length: > 0 } said)
            return $"{own.ToString().TrimEnd('/')}/api/v3";
        var hasScheme = said.Contains("://", StringComparison.Ordinal);
        var endpoint = new UriBuilder(hasScheme ? said : $"http://{said}");
        if (!hasScheme && !HasPort(said))
            endpoint.Port = 51121;
        var path = endpoint.Path.TrimEnd('/');
        return $"{endpoint.Uri.GetLeftPart(UriPartial.Authority)}{(path.Length == 0 ? "/api/v3" : path)}";
    }

    /// <summary>What a device has to trust to reach the Controller there; null when nothing of its own.</summary>
    /// <param name="controller">As <see cref="ControllerOf"/> gives it.</param>
    /// <param name="authority">What this operator trusts.</param>
    public static string? AuthorityFor(string controller, string? authority) =>
        controller.StartsWith("https:", StringComparison.Ordinal) && authority is { Length: > 0 } ? authority : null;

    /// <summary>Until when a key works by this instance's clock, whatever the Controller's says.</summary>
    public static DateTimeOffset ExpiryOf(ProvisioningKey key, DateTimeOffset now)
    {
        var said = DateTimeOffset.FromUnixTimeMilliseconds(key.ExpirationTime);
        return said > now && said < now + Life ? said : now + Life;
    }

    // A colon inside brackets belongs to an IPv6 address.
    private static bool HasPort(string endpoint) => endpoint.Split('/')[0] is var authority && authority.LastIndexOf(':') > authority.LastIndexOf(']');

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
