using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What clients ask before they ask for anything else: versions, groups, resources, OpenAPI.</summary>
internal static class Discovery
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public static JsonObject Version { get; } = new()
    {
        ["major"] = "1",
        ["minor"] = "35",
        ["gitVersion"] = "v1.35.0-iofog-emulator",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "none",
        ["platform"] = "linux/amd64",
    };

    /// <summary>
    /// OpenAPI v2 in the protobuf of clients that validate by themselves what the server does not know: a document with a title, a version, no
    /// paths and no definitions.
    /// </summary>
    public static byte[] EmptyOpenApi { get; } = [.. "\u000a\u00032.0\u0012\u0015\u000a\u000aKubernetes\u0012\u0007v1.35.0\u0042\u0000\u004a\u0000"u8];

    public static JsonObject? Find(string path, ResourceTypes types) => path switch
    {
        "version" => Version.DeepClone().AsObject(),
        "api" => new() { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1"), ["serverAddressByClientCIDRs"] = new JsonArray() },
        "apis" => new()
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray([.. types.All.Where(type => type.Group.Length > 0).GroupBy(type => type.Group).Select(Group)]),
        },
        "openapi/v3" => new() { ["paths"] = Paths(types) },
        "openapi/v2" => new()
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.35.0" },
            ["paths"] = new JsonObject(),
            ["definitions"] = new JsonObject(),
        },
        _ when path.StartsWith("openapi/v3/", StringComparison.Ordinal) => Document(path["openapi/v3/".Length..], types),
        _ => path.Split('/') switch
        {
            ["api", var version] => Resources("", version, types),
            ["apis", var group] => types.All.Where(type => type.Group == group).GroupBy(type => type.Group).Select(Group).FirstOrDefault(),
            ["apis", var group, var version] => Resources(group, version, types),
            _ => null,
        },
    };

    private static JsonObject Group(IGrouping<string, ResourceType> group)
    {
        var versions = group.Select(type => type.Version).Distinct().OrderByDescending(version => version, StringComparer.Ordinal) // v3 before v2
            .Select(version => (JsonNode)new JsonObject { ["groupVersion"] = $"{group.Key}/{version}", ["version"] = version }).ToArray();
        return new()
        {
            ["kind"] = "APIGroup",
            ["apiVersion"] = "v1",
            ["name"] = group.Key,
            ["versions"] = new JsonArray(versions),
            ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    private static JsonObject? Resources(string group, string version, ResourceTypes types)
    {
        var resources = new JsonArray();
        foreach (var type in types.All.Where(type => type.Group == group && type.Version == version))
        {
            resources.Add((JsonNode)new JsonObject
            {
                ["name"] = type.Plural,
                ["singularName"] = type.Singular,
                ["namespaced"] = type.Namespaced,
                ["kind"] = type.Kind,
                ["verbs"] = Texts(type.IsAlwaysEmpty ? ["get", "list", "watch"] : Verbs),
                ["shortNames"] = Texts(type.ShortNames),
                ["categories"] = Texts(type.Categories),
            });
            if (type.HasStatus)
                resources.Add((JsonNode)Sub(type, "status", type.Kind, null));
            if (type.HasScale)
                resources.Add((JsonNode)Sub(type, "scale", "Scale", "autoscaling"));
        }

        return resources.Count == 0 ? null : new()
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    private static JsonObject Sub(ResourceType type, string name, string kind, string? group)
    {
        var resource = new JsonObject
        {
            ["name"] = $"{type.Plural}/{name}",
            ["singularName"] = "",
            ["namespaced"] = type.Namespaced,
            ["kind"] = kind,
            ["verbs"] = Texts(["get", "patch", "update"]),
        };
        if (group is not null)
            (resource["group"], resource["version"]) = (group, "v1");
        return resource;
    }

    private static JsonObject Paths(ResourceTypes types)
    {
        var paths = new JsonObject();
        foreach (var groupVersion in types.All.Select(GroupPath).Distinct())
            paths[groupVersion] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{groupVersion}" };
        return paths;
    }

    /// <summary>Schemas of one group and version, and that patch knows fieldValidation: with that, kubectl leaves validation to the server.</summary>
    private static JsonObject? Document(string groupPath, ResourceTypes types)
    {
        var (paths, schemas) = (new JsonObject(), new JsonObject());
        foreach (var type in types.All.Where(type => GroupPath(type) == groupPath))
        {
            var gvk = new JsonObject { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind };
            paths[$"/{groupPath}{(type.Namespaced ? "/namespaces/{namespace}" : "")}/{type.Plural}/{{name}}"] = new JsonObject
            {
                ["patch"] = new JsonObject
                {
                    ["x-kubernetes-group-version-kind"] = gvk,
                    ["parameters"] = new JsonArray(new JsonObject { ["name"] = "fieldValidation", ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } }),
                },
            };
            OpenApi.Add(schemas, type);
        }

        return paths.Count == 0 ? null : new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.35.0" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static string GroupPath(ResourceType type) => type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.Group}/{type.Version}";

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);
}
