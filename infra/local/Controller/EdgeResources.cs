using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Controller;

/// <summary>Edge resources and their links to agents.</summary>
internal sealed partial class EdgeResources(ControllerState state)
{
    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "edgeResources", 200, call => Wrap(state.EdgeResources.Where(call.User!.Owns).Select(resource => Show(resource, withInterface: false, isBrokenError: false)))),
        new("GET", "edgeResource/*", 200, ListVersions),
        new("GET", "edgeResource/*/*", 200, call => Show(Get(call), withInterface: true, isBrokenError: false)),
        new("POST", "edgeResource", 200, Create),
        new("PUT", "edgeResource/*/*", 200, Put),
        new("DELETE", "edgeResource/*/*", 202, Delete),
        new("POST", "edgeResource/*/*/link", 200, Link),
        new("DELETE", "edgeResource/*/*/link", 200, Unlink),
    ];

    public static long IdOf(JsonObject resource) => (long)Fields.Number(resource["id"]!);

    private JsonObject Create(Call call)
    {
        var body = call.Body;
        Check(body);
        if (Find(call.User!, Fields.Text(body, "name")!, Fields.Text(body, "version")!) is not null)
            throw Refusal.Invalid($"Resource {body["name"]} version {body["version"]} already exists");
        if (!body.ContainsKey("interfaceProtocol") || !body.ContainsKey("interface"))
            throw Refusal.Type("Cannot destructure property 'endpoints' of 'interfaceData' as it is undefined.");
        var resource = new JsonObject
        {
            ["id"] = state.NextId(),
            ["name"] = body["name"]!.DeepClone(),
            ["version"] = body["version"]!.DeepClone(),
            ["display"] = new JsonObject { ["name"] = null, ["icon"] = null, ["color"] = null },
            ["orchestrationTags"] = new JsonArray(),
            ["description"] = null,
            ["custom"] = new JsonObject(),
            ["userId"] = call.User!.Id,
        };
        Set(resource, body);
        state.EdgeResources.Add(resource);
        var shown = Show(resource, withInterface: false, isBrokenError: false);
        shown["orchestrationTags"] = new JsonArray(); // not read back
        return shown;
    }

    private JsonNode ListVersions(Call call) => Wrap(state.EdgeResources
        .Where(resource => call.User!.Owns(resource) && Fields.Text(resource, "name") == call[0])
        .Select(resource => Show(resource, withInterface: true, isBrokenError: true)));

    private JsonNode? Put(Call call)
    {
        var (name, version) = (call[0], call[1]);
        if (Fields.Text(call.Body, "version") is { } other && other != version)
            throw Refusal.Invalid("Cannot change the version of an edge resource");
        if (Fields.Text(call.Body, "name") is { } named && named != name && Find(call.User!, named, version) is not null)
            throw Refusal.Duplicate($"Resource {named} version {version} already exists");
        call.Body["name"] ??= name;
        call.Body["version"] ??= version;
        Check(call.Body);
        if (Find(call.User!, name, version) is not { } resource)
            return Create(call);
        var lostInterface = Fields.Text(call.Body, "interfaceProtocol") is { } protocol && protocol != Fields.Text(resource, "interfaceProtocol");
        var isBroken = !resource.ContainsKey("interface");
        if (call.Body["orchestrationTags"] is JsonArray tags)
            Retag(resource, tags);
        Set(resource, call.Body);

        // Everybody's rows of that name and version are written, and are the user's from then on.
        foreach (var row in state.EdgeResources.Where(row => Is(row, name, version)).ToArray())
        {
            SetRow(row, call.Body);
            (row["name"], row["userId"]) = (call.Body["name"]!.DeepClone(), call.User!.Id);
        }

        if (lostInterface || isBroken)
            resource.Remove("interface"); // a bug of the Controller: where the new one is, is not stored
        return null;
    }

    private JsonNode? Delete(Call call)
    {
        var resource = Get(call);
        foreach (var (agent, _) in state.Links.Where(link => link.Resource == IdOf(resource)).ToArray())
            Untag(agent, resource);

        // All of this name and version go, if simultaneous creates have left several.
        foreach (var gone in state.EdgeResources.Where(other => call.User!.Owns(other) && Is(other, call[0], call[1])).ToArray())
        {
            state.Links.RemoveAll(link => link.Resource == IdOf(gone));
            state.EdgeResources.Remove(gone);
        }

        return null;
    }

    private JsonNode? Link(Call call)
    {
        var (resource, agent) = Ends(call);
        if (!state.Links.Contains((Agents.Uuid(agent), IdOf(resource))))
            state.Links.Add((Agents.Uuid(agent), IdOf(resource)));
        Tag(agent, TagsOf(resource));
        return null;
    }

    private JsonNode? Unlink(Call call)
    {
        var (resource, agent) = Ends(call);
        state.Links.Remove((Agents.Uuid(agent), IdOf(resource)));
        Untag(Agents.Uuid(agent), resource);
        return null;
    }

    private void Retag(JsonObject resource, JsonArray tags)
    {
        foreach (var (agent, _) in state.Links.Where(link => link.Resource == IdOf(resource)).ToArray())
        {
            Untag(agent, resource);
            Tag(state.Agents.Single(row => Agents.Uuid(row) == agent), tags.Select(tag => tag!.GetValue<string>()));
        }
    }

    private void Tag(JsonObject agent, IEnumerable<string> tags)
    {
        foreach (var tag in tags.Where(tag => !agent["tags"]!.AsArray().Any(has => has!.GetValue<string>() == tag)))
            agent["tags"]!.AsArray().Add(tag);
        state.Raise(Agents.Uuid(agent), "linkedEdgeResources");
    }

    private (JsonObject Resource, JsonObject Agent) Ends(Call call)
    {
        if (Fields.Text(call.Body, "uuid") is not { } uuid)
            throw Refusal.Type("Cannot read properties of undefined (reading 'uuid')");
        var resource = Find(call.User!, call[0], call[1]) ?? throw Refusal.NotFound($"Could not find resource {call[0]} version {call[1]}", 500);
        return (resource, state.Agents.Find(agent => call.User!.Owns(agent) && Agents.Uuid(agent) == uuid) ?? throw Refusal.NotFound($"Invalid ioFog UUID '{uuid}'", 500));
    }

    private void Untag(string agent, JsonObject resource)
    {
        var tags = state.Agents.Single(row => Agents.Uuid(row) == agent)["tags"]!.AsArray();
        state.Raise(agent, "linkedEdgeResources");
        foreach (var tag in TagsOf(resource))
            tags.Remove(tags.FirstOrDefault(has => has!.GetValue<string>() == tag));
    }

    private static void Check(JsonObject body)
    {
        Fields.Require(body, "name", "version");
        Fields.Check(body, "", ("name", "string"), ("version", "string"), ("description", "string"), ("interfaceProtocol", "string"), ("interface", "object"), ("display", "object"), ("orchestrationTags", "array"));
        Fields.CheckName(body, "name");
        Fields.CheckEnum(body, "interfaceProtocol", "http", "https", "ws", "wss");
        if (!Version().IsMatch(Fields.Text(body, "version")!))
            throw Refusal.Invalid("Invalid format for field 'version'");
        foreach (var endpoint in (body["interface"]?["endpoints"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Fields.Check(
                endpoint,
                "",
                ("name", "string"),
                ("description", "string"),
                ("url", "string"),
                ("requestType", "string"),
                ("responseType", "string"),
                ("requestPayloadExample", "string"),
                ("responsePayloadExample", "string"));
            Fields.CheckName(endpoint, "name", "interface.endpoints.");
            Fields.CheckEnum(endpoint, "method", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
        }
    }

    private static void SetRow(JsonObject resource, JsonObject body)
    {
        foreach (var field in new[] { "description", "interfaceProtocol", "custom" })
        {
            if (body[field] is { } value)
                resource[field] = value.DeepClone();
        }

        foreach (var (key, value) in body["display"] as JsonObject ?? [])
            resource["display"]![key] = value?.DeepClone();
    }

    private void Set(JsonObject resource, JsonObject body)
    {
        SetRow(resource, body);
        if (body["orchestrationTags"] is { } tags)
            resource["orchestrationTags"] = tags.DeepClone();
        if (body["interface"] is JsonObject content)
        {
            var interfaceId = state.NextId();
            resource["interface"] = new JsonObject
            {
                ["id"] = interfaceId,
                ["edgeResourceId"] = IdOf(resource),
                ["endpoints"] = new JsonArray([.. (content["endpoints"] as JsonArray ?? []).OfType<JsonObject>().Select(endpoint =>
                {
                    var row = endpoint.DeepClone().AsObject();
                    row["id"] = state.NextId();
                    row["interfaceId"] = interfaceId;
                    return (JsonNode)row;
                })]),
            };
        }
    }

    /// <param name="resource">As it is stored.</param>
    /// <param name="withInterface">Lists leave it out.</param>
    /// <param name="isBrokenError">An interface that got lost is an error in most answers; where one version is asked for, it is just not there.</param>
    public static JsonObject Show(JsonObject resource, bool withInterface, bool isBrokenError)
    {
        var shown = resource.DeepClone().AsObject();
        shown.Remove("userId");
        if (!withInterface)
            shown.Remove("interface");
        else if (isBrokenError && !shown.ContainsKey("interface"))
            throw Refusal.Type("Cannot read properties of null (reading 'toJSON')");
        return shown;
    }

    private static JsonObject Wrap(IEnumerable<JsonObject> resources) => new() { ["edgeResources"] = new JsonArray([.. resources.Select(resource => (JsonNode)resource)]) };

    private static IEnumerable<string> TagsOf(JsonObject resource) => resource["orchestrationTags"]!.AsArray().Select(tag => tag!.GetValue<string>()).ToArray();

    private JsonObject Get(Call call) => Find(call.User!, call[0], call[1]) ?? throw Refusal.NotFound($"Could not find resource {call[0]} version {call[1]}");

    private JsonObject? Find(ControllerState.User user, string name, string version) => state.EdgeResources.Find(resource => user.Owns(resource) && Is(resource, name, version));

    private static bool Is(JsonObject resource, string name, string version) => Fields.Text(resource, "name") == name && Fields.Text(resource, "version") == version;

    // As written in the Controller, where backslashes were lost: one digit a part, any character between them.
    [GeneratedRegex("^v?[0-9].[0-9].[0-9](-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$")]
    private static partial Regex Version();
}
