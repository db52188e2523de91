using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Images;

/// <summary>The two Dockerfiles, read as a builder reads them. Nothing here builds an image.</summary>
public sealed partial class ImageTests
{
    private static readonly string[] Known = ["FROM", "ARG", "ENV", "RUN", "COPY", "WORKDIR", "LABEL", "USER", "EXPOSE", "ENTRYPOINT", "CMD"];

    private static readonly string[] Labels =
    [
        "org.opencontainers.image.title", "org.opencontainers.image.description", "org.opencontainers.image.licenses",
        "org.opencontainers.image.version", "org.opencontainers.image.revision",
    ];

    [Theory]
    [InlineData("watcher", "functions/Watcher")]
    [InlineData("apps", "functions/App")]
    public void Builds_from_what_is_here_and_runs_without_rights(string image, string project)
    {
        var instructions = Read(image);
        Assert.All(instructions, instruction => Assert.Contains(instruction.Name, Known));

        // Every base has a tag that stays within a version, and every stage that is named is there.
        var arguments = instructions.Where(one => one.Name == "ARG" && one.Text.Contains('=', StringComparison.Ordinal)).ToLookup(one => one.Text.Split('=')[0], one => one.Text.Split('=', 2)[1]);
        var stages = new HashSet<string>(StringComparer.Ordinal);
        foreach (var from in instructions.Where(one => one.Name == "FROM").Select(one => one.Text.Split(' ')))
        {
            var name = from[0].StartsWith("${", StringComparison.Ordinal) ? arguments[from[0][2..^1]].First() : from[0];
            Assert.Matches(@"^[a-z0-9./-]+:[\w.-]*\d[\w.-]*$|^debian:bookworm-slim$", name);
            if (from is [_, "AS", var stage])
                stages.Add(stage);
        }

        foreach (var copy in instructions.Where(one => one.Name == "COPY").Select(one => one.Text.Split(' ')))
        {
            var sources = copy.Where(part => !part.StartsWith("--", StringComparison.Ordinal)).ToArray()[..^1];
            if (copy.FirstOrDefault(part => part.StartsWith("--from=", StringComparison.Ordinal)) is { } from)
                Assert.Contains(from["--from=".Length..], stages);
            else
                Assert.All(sources, source => Assert.True(Path.Exists(Path.Combine(Layout.Repository, source)) && !IsIgnored(source), source));
        }

        // Each architecture by itself, and nothing left of what built it.
        var build = Assert.Single(instructions, one => one.Name == "RUN" && one.Text.Contains("dotnet publish", StringComparison.Ordinal)).Text;
        Assert.Contains($"dotnet publish {project} ", build, StringComparison.Ordinal);
        Assert.Contains("$TARGETARCH", build, StringComparison.Ordinal);
        Assert.All(instructions.Where(one => one.Text.Contains("apt-get install", StringComparison.Ordinal)), one =>
        {
            Assert.Contains("--no-install-recommends", one.Text, StringComparison.Ordinal);
            Assert.EndsWith("rm -rf /var/lib/apt/lists/*", one.Text, StringComparison.Ordinal);
        });

        // The last stage is the image.
        var last = instructions.Skip(instructions.FindLastIndex(one => one.Name == "FROM") + 1).ToArray();
        Assert.DoesNotContain(last, one => one.Name == "RUN");
        Assert.Equal("1654:1654", Assert.Single(last, one => one.Name == "USER").Text); // as the chart's pods
        Assert.All(Labels, label => Assert.Contains($"{label}=", Assert.Single(last, one => one.Name == "LABEL").Text, StringComparison.Ordinal));
        Assert.StartsWith("[\"/usr/local/bin/", Assert.Single(last, one => one.Name == "ENTRYPOINT").Text, StringComparison.Ordinal); // no shell around it: it gets the signals
        Assert.Contains("8080", Assert.Single(last, one => one.Name == "EXPOSE").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_finds_what_it_runs()
    {
        var settings = string.Concat(Read("apps").Where(one => one.Name == "ENV").Select(one => $"{one.Text} "));
        foreach (var setting in new[]
        {
            "FUNCTIONS_WORKER_RUNTIME=custom", "AzureWebJobsScriptRoot=/home/site/wwwroot", "AzureWebJobsSecretStorageType=files", "ASPNETCORE_URLS=http://+:8080",
            "FUNCTIONS_SECRETS_PATH=/tmp/functions/secrets", "HOME=/tmp",
        })
        {
            Assert.Contains($"{setting} ", settings, StringComparison.Ordinal);
        }

        Assert.Contains(Read("apps"), one => one.Name == "COPY" && one.Text.EndsWith("/out /home/site/wwwroot", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(Layout.App, "host.json")));
        var host = JsonNode.Parse(File.ReadAllText(Path.Combine(Layout.App, "host.json")))!;
        Assert.True(File.Exists(Path.Combine(Layout.App, host["customHandler"]!["description"]!["defaultExecutablePath"]!.GetValue<string>())));
        Assert.StartsWith("[4.", host["extensionBundle"]!["version"]!.GetValue<string>(), StringComparison.Ordinal); // the one that is in the base image
        Assert.All(Kinds.All, kind => Assert.True(File.Exists(Path.Combine(Layout.App, kind.Name, "function.json")), kind.Name));
    }

    /// <summary>The instructions of a Dockerfile, each on one line.</summary>
    private static List<(string Name, string Text)> Read(string image)
    {
        var text = File.ReadAllText(Path.Combine(Layout.Repository, "infra", "docker", $"{image}.Dockerfile"));
        return [.. Continued().Replace(text, " ").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', 2)).Select(parts => (parts[0], parts[1].Trim()))];
    }

    private static bool IsIgnored(string source) => File.ReadAllLines(Path.Combine(Layout.Repository, ".dockerignore"))
        .Any(line => line.Length > 0 && !line.StartsWith("**", StringComparison.Ordinal) && (source == line || source.StartsWith(line + "/", StringComparison.Ordinal)));

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continued();
}
