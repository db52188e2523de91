using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Docs;

/// <summary>What the documents name exists.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Layout.Repository, "README.md"));

    public static TheoryData<string> KindNames => new(Kinds.All.Select(kind => kind.Name));

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
    public void Every_command_that_is_shown_can_be_given()
    {
        var infra = File.ReadAllText(PathOf("infra/README.md"));
        foreach (Match command in LocalPattern().Matches(Readme + infra))
            Assert.Empty(Operator.Local.CommandLine.Of((_, _) => Task.FromResult(0)).Parse(command.Groups["line"].Value).Errors);
        foreach (Match command in PluginPattern().Matches(Readme + infra))
            Assert.Empty(Operator.Cli.CommandLine.Of((_, _) => Task.FromResult(0)).Parse(command.Groups["line"].Value).Errors);
    }

    /// <summary>What a further kind costs: one folder, one CRD, one sample, and one line in each of these.</summary>
    [Theory]
    [MemberData(nameof(KindNames))]
    public void A_kind_has_its_parts(string name)
    {
        var kind = Kinds.Find(name)!;
        string[] files =
        [
            $"functions/{kind}/{kind}.cs", $"functions/{kind}/{kind}Plan.cs", $"functions/{kind}/{kind}Reconciler.cs", $"functions/{kind}/{kind}Reasons.cs",
            $"functions/{kind}/{kind}Registration.cs", $"functions/{kind}/{kind}.csproj", $"functions/{kind}/function.json",
            $"infra/crds/{kind.Plural}.yaml", $"infra/samples/{kind.Lower}.yaml",
        ];
        (string File, string Line)[] lines =
        [
            ("functions/App/Program.cs", $".Add{kind}()"), ($"functions/{kind}/function.json", $"\"{kind.Queue}\""), ("Functions.sln", $"{kind}.csproj"),
            ("infra/chart/templates/_kinds.tpl", $"\n{kind}: {kind.Plural}\n"), ($"infra/crds/{kind.Plural}.yaml", $"kind: {kind}\n"),
            ($"infra/samples/{kind.Lower}.yaml", $"kind: {kind}\n"), ("README.md", $"`{kind}`"),
        ];
        Assert.Equal("", string.Join('\n', files.Where(file => !File.Exists(PathOf(file)))));
        Assert.Equal("", string.Join('\n', lines.Where(line => !File.ReadAllText(PathOf(line.File)).Contains(line.Line, StringComparison.Ordinal))));
    }

    private static string PathOf(string file) => Path.Combine(Layout.Repository, file);

    [GeneratedRegex(@"(?<=[`(])(functions|infra|tests)/[\w./-]*[\w](?=[`)])")]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"dotnet run --project infra/local( -- (?<line>[^`\n]+))?")]
    private static partial Regex LocalPattern();

    [GeneratedRegex(@"^\$ kubectl iofog (?<line>.+)$", RegexOptions.Multiline)]
    private static partial Regex PluginPattern();

    [GeneratedRegex(@"^\| (?<names>`[\w]+`(, `[\w]+`)*) \|", RegexOptions.Multiline)]
    private static partial Regex SettingPattern();
}
