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
    private readonly string folder;
    private readonly JsonNode given;

    private GoldenCase(string folder, JsonNode given) => (this.folder, this.given) = (folder, given);

    /// <summary>The names of the cases of an area, a folder of this project.</summary>
    public static TheoryData<string> In(string area) =>
        new(Directory.EnumerateDirectories(CasesOf(area)).Where(folder => File.Exists(Path.Combine(folder, "in.yaml"))).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    public static GoldenCase Read(string area, string name)
    {
        var folder = Path.Combine(area, "Cases", name);
        return new(folder, Yaml.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, folder, "in.yaml")))!);
    }

    /// <summary>A case that is no folder.</summary>
    public static GoldenCase Of(JsonNode given) => new("", given);

    /// <summary>A part of <c>in.yaml</c>, by its name; null when it is not there.</summary>
    public T? Given<T>(string part, JsonTypeInfo<T> type) => given[part] is { } node ? node.Deserialize(type) : default;

    /// <summary>A part of <c>in.yaml</c> that says which name is which; empty when it is not there.</summary>
    public IReadOnlyDictionary<string, string> Names(string part) =>
        given[part]?.AsObject().ToDictionary(member => member.Key, member => member.Value!.GetValue<string>()) ?? [];

    /// <summary>A part of <c>in.yaml</c> that is a list of texts; empty when it is not there.</summary>
    public IReadOnlySet<string> Texts(string part) => (given[part]?.AsArray() ?? []).Select(text => text!.GetValue<string>()).ToHashSet();

    /// <summary>Fails unless what is to be done is what <c>out.json</c> says.</summary>
    public void Expects(JsonNode? actual) => Expect(folder, actual);

    /// <inheritdoc cref="Expects"/>
    /// <param name="folder">Of the case, inside of this project.</param>
    /// <param name="actual">What is to be done.</param>
    public static void Expect(string folder, JsonNode? actual)
    {
        if (Environment.GetEnvironmentVariable("IOFOG_TEST_RECORD") == "1")
        {
            File.WriteAllText(Path.Combine(Layout.Repository, "tests", "Unit", folder, "out.json"), Text(actual) + "\n");
            return;
        }

        Assert.Equal(Text(JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, folder, "out.json")))), Text(actual));
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
