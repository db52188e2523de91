using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Images;

/// <summary>What GitHub would refuse in a workflow, and what we would.</summary>
public sealed partial class WorkflowTests
{
    private static readonly string Folder = Path.Combine(Layout.Repository, ".github", "workflows");
    private static readonly string[] OfWorkflow = ["name", "on", "permissions", "concurrency", "env", "jobs"];
    private static readonly string[] OfJob = ["needs", "runs-on", "timeout-minutes", "permissions", "strategy", "steps"];
    private static readonly string[] OfStep = ["id", "name", "if", "uses", "with", "run", "env"];
    private static readonly string[] Contexts = ["github", "env", "matrix", "steps", "secrets"];

    public static TheoryData<string> Names => new(Directory.EnumerateFiles(Folder, "*.yml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_well_formed_and_pins_what_it_uses(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name));
        var workflow = Yaml.Parse(text)!.AsObject();
        Assert.All(workflow, part => Assert.Contains(part.Key, OfWorkflow));
        Assert.Equal("""{"contents":"read"}""", workflow["permissions"]!.ToJsonString()); // jobs that need more say so
        var jobs = workflow["jobs"]!.AsObject();
        foreach (var (_, node) in jobs)
        {
            var job = node!.AsObject();
            Assert.All(job, part => Assert.Contains(part.Key, OfJob));
            Assert.NotNull(job["runs-on"]);
            Assert.NotNull(job["timeout-minutes"]);
            Assert.True(job["needs"] is not { } needs || jobs.ContainsKey(needs.ToString()));
            var steps = job["steps"]!.AsArray();
            var ids = steps.Select(step => step!["id"]?.ToString()).OfType<string>().ToArray();
            var axes = job["strategy"]?["matrix"] is JsonObject matrix ? matrix.ContainsKey("include") ? matrix["include"]![0]!.AsObject().Select(axis => axis.Key).ToArray() : [.. matrix.Select(axis => axis.Key)] : [];
            foreach (var step in steps.Select(step => step!.AsObject()))
            {
                Assert.All(step, part => Assert.Contains(part.Key, OfStep));
                Assert.True(step.ContainsKey("uses") != step.ContainsKey("run"), step.ToJsonString());
                if (step["uses"]?.ToString() is { } action)
                    Assert.Matches("^[a-z]+/[a-z-]+@[0-9a-f]{40}$", action); // a tag can be moved
            }

            foreach (Match expression in Expression().Matches(job.ToJsonString()))
            {
                var path = expression.Groups["path"].Value.Split('.');
                Assert.Contains(path[0], Contexts);
                Assert.True(path[0] != "steps" || ids.Contains(path[1]), expression.Value);
                Assert.True(path[0] != "matrix" || axes.Contains(path[1]), expression.Value);
            }
        }

        // A person reads the version beside each hash.
        Assert.All(text.Split('\n').Where(line => line.Contains("uses: ", StringComparison.Ordinal)), line => Assert.Matches(@"@[0-9a-f]{40} # v\d+(\.\d+\.\d+)?$", line));
    }

    [Fact]
    public void A_release_tests_signs_and_publishes_images_and_chart()
    {
        var release = Yaml.Parse(File.ReadAllText(Path.Combine(Folder, "release.yml")))!;
        Assert.Equal(("test", "image"), (release["jobs"]!["image"]!["needs"]!.ToString(), release["jobs"]!["publish"]!["needs"]!.ToString()));
        var build = release["jobs"]!["image"]!["steps"]!.AsArray().Single(step => step!["uses"]?.ToString().StartsWith("docker/build-push-action@", StringComparison.Ordinal) == true)!["with"]!;
        Assert.Equal(("true", "mode=max"), (build["sbom"]!.ToString(), build["provenance"]!.ToString()));
        var script = string.Join('\n', release["jobs"]!["publish"]!["steps"]!.AsArray().Select(step => step!["run"]?.ToString()));
        Assert.Matches(@"imagetools create[\s\S]+cosign sign[\s\S]+helm package[\s\S]+helm push[\s\S]+cosign sign", script);
        Assert.Equal(["amd64", "arm64"], release["jobs"]!["image"]!["strategy"]!["matrix"]!["include"]!.AsArray()
            .Where(entry => entry!["image"]!.ToString() == "watcher").Select(entry => entry!["arch"]!.ToString()).Order());
    }

    [GeneratedRegex(@"\$\{\{\s*(?<path>[\w.-]+)\s*\}\}")]
    private static partial Regex Expression();
}
