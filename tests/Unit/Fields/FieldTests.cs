using System.Reflection;
using System.Text.Json.Nodes;
using IoFog.Operator.Local;
using IoFog.Operator.Unit.ControlPlanes;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Fields;

/// <summary>
/// What a change of each field writes, one by one: <c>in.yaml</c> has what the Controller (for a ControlPlane: the cluster) holds and, for every
/// field of the CRD, an edit of it, where it needs to <c>from</c> another spec; <c>out.json</c> what each of them has written. A field without an
/// edit fails.
/// </summary>
public sealed class FieldTests
{
    /// <summary>Whose mere presence in an update has the container made anew.</summary>
    private static readonly string[] Restarting = ["ports", "volumeMappings", "env", "cmd", "extraHosts", "images", "rootHostAccess", "addPort", "removePort"];

    public static TheoryData<string> Areas => new(Kinds.All.Select(AllKinds.AreaOf));

    [Theory]
    [MemberData(nameof(Areas))]
    public void Every_field_has_an_edit(string area) => Assert.Equal(
        FieldsOf(area).Order(StringComparer.Ordinal),
        Read(area)["fields"]!.AsObject().Select(row => row.Key).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Areas))]
    public void A_change_of_one_field_writes_that_field_alone(string area)
    {
        using var cluster = new InMemoryCluster(new FakeTimeProvider());
        var (table, fields) = (Read(area), FieldsOf(area).ToHashSet());
        var count = 0;
        var given = table["given"]!["desired"]!;
        Assert.True(PlanOf(Stored(given), Stored(given)) is JsonObject { Count: 0 } or JsonArray { Count: 0 }, "The Controller does not hold what is given");
        var writes = new JsonObject();
        foreach (var (field, row) in table["fields"]!.AsObject())
        {
            var edit = row!["edit"] ?? row;
            var start = row["edit"] is not null && row["from"] is { } from ? Merge(given, from) : given;
            var (before, after) = (Stored(start), Stored(Merge(start, edit)));
            var touched = Differing(before, after, fields);
            Assert.Contains(field, touched);
            Assert.Empty(touched.Except([field, .. (row["with"]?.AsArray() ?? []).Select(other => other!.GetValue<string>())]));
            writes[field] = PlanOf(before, after);
        }

        GoldenCase.Expect(Path.Combine(area, "Fields"), writes);

        // As the API server takes it, or refuses it.
        JsonObject Stored(JsonNode spec)
        {
            cluster.Create(AllKinds.Of(area), $"o{++count}", spec.DeepClone().AsObject());
            return cluster.Find(AllKinds.Of(area), $"o{count}")!["spec"]!.DeepClone().AsObject();
        }

        JsonNode PlanOf(JsonObject held, JsonObject desired)
        {
            var told = table["given"]!.DeepClone();
            (told["held"], told["desired"]) = (held.DeepClone(), desired.DeepClone());
            return Plan(area, GoldenCase.Of(told));
        }
    }

    [Theory]
    [InlineData("Microservices")]
    [InlineData("Applications")]
    public void A_container_is_made_anew_only_where_it_must_be(string area)
    {
        foreach (var (field, writes) in JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, area, "Fields", "out.json")))!.AsObject())
        {
            foreach (var update in Updates(writes))
            {
                var last = field.Split('.')[^1];
                Assert.False(update.ContainsKey("rebuild"), field);
                Assert.Equal(
                    field.Contains("images.x86", StringComparison.Ordinal) || field.Contains("images.arm", StringComparison.Ordinal)
                        || (field.Contains("container.", StringComparison.Ordinal) && last != "logSize"),
                    update.Any(member => Restarting.Contains(member.Key)));
            }
        }
    }

    private static IEnumerable<JsonObject> Updates(JsonNode? writes) => writes is JsonArray steps
        ? steps.Where(step => step!["updateMicroservice"] is not null).Select(step => step!["fields"]!.AsObject())
        : writes?["updates"] is JsonArray updates ? updates.Select(update => update!.AsObject())
        : writes?["update"] is JsonObject update ? [update] : [];

    private static JsonNode Plan(string area, GoldenCase golden)
    {
        if (AllKinds.Of(area) == Kinds.ControlPlane)
            return ControlPlaneChange.Plan(golden);
        var tests = typeof(FieldTests).Assembly.GetType($"IoFog.Operator.Unit.{area}.{AllKinds.Of(area)}PlanTests", throwOnError: true)!;
        return (JsonNode)tests.GetMethod("Plan", BindingFlags.Static | BindingFlags.NonPublic)!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [golden], null)!;
    }

    private static JsonNode Read(string area) => Yaml.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, area, "Fields", "in.yaml")))!;

    /// <summary>The fields of a spec by the CRD, as <c>container.ports[].internal</c>; what has no fields of its own is one.</summary>
    private static IEnumerable<string> FieldsOf(string area)
    {
        var definition = Yaml.Parse(File.ReadAllText(Path.Combine(Layout.Crds, $"{AllKinds.Of(area).Plural}.yaml")))!;
        return Leaves(definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!, "");
    }

    private static IEnumerable<string> Leaves(JsonNode schema, string path) =>
        schema["properties"] is JsonObject properties ? properties.SelectMany(property => Leaves(property.Value!, path.Length == 0 ? property.Key : $"{path}.{property.Key}"))
        : schema["items"]?["properties"] is not null ? Leaves(schema["items"]!, $"{path}[]")
        : [path];

    private static JsonNode Merge(JsonNode into, JsonNode edit)
    {
        var merged = into.DeepClone().AsObject();
        foreach (var (name, value) in edit.AsObject())
        {
            if (value is null)
                merged.Remove(name);
            else
                merged[name] = value is JsonObject && merged[name] is JsonObject inner ? Merge(inner, value) : value.DeepClone();
        }

        return merged;
    }

    private static HashSet<string> Differing(JsonNode one, JsonNode other, IReadOnlySet<string> fields)
    {
        var (before, after) = (new Dictionary<string, string>(), new Dictionary<string, string>());
        Flatten(one, "", fields, before);
        Flatten(other, "", fields, after);
        return [.. before.Keys.Union(after.Keys).Where(path => before.GetValueOrDefault(path) != after.GetValueOrDefault(path))];
    }

    private static void Flatten(JsonNode? node, string path, IReadOnlySet<string> fields, Dictionary<string, string> into)
    {
        if (fields.Contains(path))
        {
            into[path] = $"{into.GetValueOrDefault(path)}|{node?.ToJsonString()}";
        }
        else if (node is JsonObject members)
        {
            foreach (var (name, value) in members)
                Flatten(value, path.Length == 0 ? name : $"{path}.{name}", fields, into);
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                Flatten(item, $"{path}[]", fields, into);
        }
    }
}
