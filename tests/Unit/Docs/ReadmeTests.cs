using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Docs;

/// <summary>What the documents name exists.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Layout.Repository, "README.md"));

    [Fact]
    public void Every_path_exists()
    {
        foreach (Match path in PathPattern().Matches(Readme))
            Assert.True(Path.Exists(Path.Combine(Layout.Repository, path.Value)), path.Value);
    }

    [Fact]
    public void The_table_of_settings_and_the_sample_name_the_same()
    {
        var sample = JsonNode.Parse(File.ReadAllText(Path.Combine(Layout.Repository, "local.settings.sample.json")))!["Values"]!.AsObject();
        var documented = SettingPattern().Matches(Readme[Readme.IndexOf("## Settings", StringComparison.Ordinal)..])
            .SelectMany(row => row.Groups["names"].Value.Split(',')).Select(name => name.Trim(' ', '`')).Where(name => name != "setting").ToHashSet();
        Assert.Equal(documented.Order(), sample.Select(setting => setting.Key).Where(name => name is not ("FUNCTIONS_WORKER_RUNTIME" or "AzureWebJobsSecretStorageType")).Order());
    }

    [Fact]
    public void Every_kind_has_its_parts()
    {
        foreach (var kind in Kinds.All)
        {
            var parts = new[]
            {
                $"functions/{kind.Name}/{kind.Name}.cs", $"functions/{kind.Name}/{kind.Name}Plan.cs", $"functions/{kind.Name}/{kind.Name}Reconciler.cs",
                $"functions/{kind.Name}/function.json", $"infra/crds/{kind.Plural}.yaml", $"infra/samples/{kind.Name.ToLowerInvariant()}.yaml",
            };
            foreach (var part in parts)
                Assert.True(File.Exists(Path.Combine(Layout.Repository, part)), $"{kind} lacks {part}");
            Assert.Contains($".Add{kind.Name}()", File.ReadAllText(Path.Combine(Layout.Repository, "functions", "App", "Program.cs")), StringComparison.Ordinal);
            Assert.Contains($"\"{kind.Queue}\"", File.ReadAllText(Path.Combine(Layout.Repository, "functions", kind.Name, "function.json")), StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"(?<=[`(])(functions|infra|tests)/[\w./-]*[\w](?=[`)])")]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"^\| (?<names>`[\w]+`(, `[\w]+`)*) \|", RegexOptions.Multiline)]
    private static partial Regex SettingPattern();
}
