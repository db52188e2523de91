using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Docs;

/// <summary>What the document for clusters names exists: files, values of the chart, fields of a control plane, objects, tests.</summary>
public sealed partial class InfraReadmeTests
{
    private static readonly string Infra = Path.Combine(Layout.Repository, "infra");
    private static readonly string Readme = File.ReadAllText(Path.Combine(Infra, "README.md"));
    private static readonly JsonObject Values = Parse("chart", "values.yaml");

    [Fact]
    public void Every_link_leads_somewhere()
    {
        foreach (Match link in Link().Matches(Readme))
        {
            var target = link.Groups["target"].Value;
            Assert.True(target[0] == '#' ? Readme.Contains($"## {target[1..]}", StringComparison.OrdinalIgnoreCase) : target.StartsWith("https://", StringComparison.Ordinal) || Path.Exists(Path.Combine(Infra, target)), target);
        }
    }

    [Fact]
    public void Every_value_that_a_command_sets_is_one_of_the_chart()
    {
        var set = SetOption().Matches(Readme).SelectMany(option => option.Groups["values"].Value.Split(',')).Select(value => value.Split('=')[0].Trim('`', '}')).ToArray();
        Assert.NotEmpty(set);
        Assert.All(set, name => Assert.True(Has(Values, name), name));
    }

    [Fact]
    public void Every_value_in_the_tables_is_one_of_the_chart_and_has_the_default_that_is_said()
    {
        var rows = Rows("## Values", "### From the ioFog chart");
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var name = row[0].Trim('`');
            Assert.True(Has(Values, name), name);
            if (row[1].Trim('`') is { Length: > 0 } preset)
                Assert.Equal(preset, Find(Values, name) is JsonArray or JsonObject ? Find(Values, name)!.ToJsonString() : $"{Find(Values, name)}");
        }
    }

    [Fact]
    public void What_comes_from_the_ioFog_chart_has_a_place_here()
    {
        var spec = Parse("crds", "controlplanes.yaml")["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;
        foreach (var row in Rows("### From the ioFog chart", "### What differs"))
        {
            foreach (Match name in Code().Matches(row[1]))
            {
                var path = name.Groups["text"].Value;
                if (path.StartsWith("--", StringComparison.Ordinal) || path == "spec")
                    continue;
                path = path.Split(':')[0];
                var isField = path.StartsWith("spec.", StringComparison.Ordinal) || (row[1].Contains("`spec`", StringComparison.Ordinal) && !path.Contains('.', StringComparison.Ordinal));
                if (row[1].Contains("`spec.images.", StringComparison.Ordinal) && !path.Contains('.', StringComparison.Ordinal))
                    path = $"spec.images.{path}";
                else if (row[1].Contains("`spec.services.", StringComparison.Ordinal) && !path.Contains('.', StringComparison.Ordinal))
                    path = $"spec.services.controller.{path}";
                if (isField || path.StartsWith("spec.", StringComparison.Ordinal))
                    Assert.True(HasField(spec, path.Replace("spec.", "", StringComparison.Ordinal)), $"{row[0]}: {path}");
                else if (path is not ("…"))
                    Assert.True(Has(Values, path), $"{row[0]}: {path}");
            }
        }
    }

    [Fact]
    public void The_test_that_proves_the_rights_is_there()
    {
        var test = TestName().Match(Readme).Value;
        Assert.Contains($" {test}(", File.ReadAllText(Path.Combine(Layout.Repository, "tests", "EndToEnd", "Install", "InstallTests.cs")), StringComparison.Ordinal);
    }

    private static JsonObject Parse(params string[] path) => Yaml.Parse(File.ReadAllText(Path.Combine([Infra, .. path])))!.AsObject();

    private static bool Has(JsonObject values, string path) => Walk(values, path) is { } end && end.Around.ContainsKey(end.Name);

    private static JsonNode? Find(JsonObject values, string path) => Walk(values, path) is { } end ? end.Around[end.Name] : null;

    private static (JsonObject Around, string Name)? Walk(JsonObject values, string path)
    {
        var names = path.Split('.');
        var at = values;
        foreach (var name in names[..^1])
        {
            if (at[name] is not JsonObject next)
                return null;
            at = next;
        }

        return (at, names[^1]);
    }

    private static bool HasField(JsonNode schema, string path)
    {
        var at = schema;
        foreach (var name in path.Split('.'))
        {
            if (at?["properties"]?[name] is not { } next)
                return false;
            at = next;
        }

        return true;
    }

    private static IReadOnlyList<string[]> Rows(string from, string to)
    {
        var part = Readme[Readme.IndexOf(from, StringComparison.Ordinal)..Readme.IndexOf(to, StringComparison.Ordinal)];
        return [.. part.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(line => line[1..line.LastIndexOf('|')].Split('|').Select(cell => cell.Trim()).ToArray())];
    }

    [GeneratedRegex(@"\]\((?<target>[^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"--set (?<values>[\w.]+=[^\s`]*)")]
    private static partial Regex SetOption();

    [GeneratedRegex("`(?<text>[^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<=`)[A-Z]\w+_\w+(?=`)")]
    private static partial Regex TestName();
}
