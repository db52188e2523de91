using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit;

/// <summary>
/// One behaviour of a plan, as a folder: <c>in.yaml</c> says what is desired and what is observed, <c>out.json</c> what is to be done.
/// A new behaviour is a new folder. <c>IOFOG_TEST_RECORD=1</c> writes what is to be done.
/// </summary>
public sealed class GoldenCase
{
    private readonly JsonNode given;
    private readonly JsonNode expected;

    private readonly string source;

    private GoldenCase(string folder, string source)
    {
        this.source = source;
        given = Yaml.Parse(File.ReadAllText(Path.Combine(folder, "in.yaml")))!;
        expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "out.json")))!;
    }

    /// <summary>The names of the cases of an area, a folder of this project.</summary>
    public static TheoryData<string> In(string area) =>
        new(Directory.EnumerateDirectories(CasesOf(area)).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    public static GoldenCase Read(string area, string name) =>
        new(Path.Combine(CasesOf(area), name), Path.Combine(Layout.Repository, "tests", "Unit", area, "Cases", name, "out.json"));

    /// <summary>A part of <c>in.yaml</c>, by its name; null when it is not there.</summary>
    public T? Given<T>(string part, JsonTypeInfo<T> type) => given[part] is { } node ? node.Deserialize(type) : default;

    /// <summary>A part of <c>in.yaml</c> that says which name is which; empty when it is not there.</summary>
    public IReadOnlyDictionary<string, string> Names(string part) =>
        given[part]?.AsObject().ToDictionary(member => member.Key, member => member.Value!.GetValue<string>()) ?? [];

    /// <summary>A part of <c>in.yaml</c> that is a list of texts; empty when it is not there.</summary>
    public IReadOnlySet<string> Texts(string part) => (given[part]?.AsArray() ?? []).Select(text => text!.GetValue<string>()).ToHashSet();

    /// <summary>Fails unless what is to be done is what <c>out.json</c> says.</summary>
    public void Expects(JsonNode? actual)
    {
        if (Environment.GetEnvironmentVariable("IOFOG_TEST_RECORD") == "1")
            File.WriteAllText(source, Text(actual) + "\n");
        Assert.Equal(Text(expected), Text(actual));
    }

    private static string CasesOf(string area) => Path.Combine(AppContext.BaseDirectory, area, "Cases");

    // Members in one order, so that a difference shows where it is.
    private static string Text(JsonNode? node) => Sorted(node)?.ToJsonString(new() { WriteIndented = true }) ?? "null";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
