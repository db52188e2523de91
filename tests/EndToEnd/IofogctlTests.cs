using System.Text.Json.Nodes;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>README's table of what differs from iofogctl: <c>iofogctl.yaml</c> shows every row of it with the real kubectl.</summary>
public sealed class IofogctlTests(KubectlTests.Fixture fixture) : IClassFixture<KubectlTests.Fixture>
{
    private const string Heading = "## The same YAML with iofogctl";
    private static readonly JsonArray Rows = Yaml.Parse(File.ReadAllText(Path.Combine(Layout.Repository, "tests", "EndToEnd", "iofogctl.yaml")))!["rows"]!.AsArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_row_is_shown()
    {
        var table = File.ReadLines(Path.Combine(Layout.Repository, "README.md")).SkipWhile(line => line != Heading).Skip(1).TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith('|')).Skip(2).Select(line => string.Join(" | ", line.Split('|', StringSplitOptions.TrimEntries)[1..3]));
        Assert.Equal(table, Rows.Select(row => row!["row"]!.GetValue<string>()));
        Assert.All(Rows, row => Assert.True(
            row!["takes"] is not null || row["refuses"] is not null || Path.Exists(Path.Combine(Layout.Repository, "tests", $"{row["shown"]}")), $"{row["row"]}: nothing shows it"));
    }

    [Fact]
    public async Task What_it_says_is_so()
    {
        var wrong = new List<string>();
        foreach (var row in Rows)
        {
            foreach (var taken in row!["takes"]?.AsArray() ?? [])
            {
                var (code, _, errors) = await TryAsync(taken!);
                if (code != 0)
                    wrong.Add($"{row["row"]}: {errors}");
            }

            foreach (var refused in row["refuses"]?.AsArray() ?? [])
            {
                var (code, _, errors) = await TryAsync(refused!["object"]!);
                if (code == 0 || !errors.Contains(refused["says"]!.GetValue<string>(), StringComparison.Ordinal))
                    wrong.Add($"{row["row"]}: {code} {errors}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private Task<(int Code, string Output, string Errors)> TryAsync(JsonNode item) =>
        fixture.Kubectl.TryRunAsync(null, item.ToJsonString(), Token, "apply", "-n", "default", "--dry-run=server", "-f", "-");
}
