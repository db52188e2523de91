using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Host;

/// <summary>A function app on disk: host.json, and a folder with a function.json for each function.</summary>
internal sealed record AppFolder(string Path, JsonObject Host, IReadOnlyList<FunctionFile> Functions)
{
    /// <exception cref="InvalidOperationException">There is no usable app; the message says what is missing.</exception>
    public static AppFolder Read(string path, IReadOnlyDictionary<string, string> settings)
    {
        var hostFile = System.IO.Path.Combine(path, "host.json");
        if (!File.Exists(hostFile))
            throw new InvalidOperationException($"{path} holds no host.json: it is no function app");
        var host = JsonNode.Parse(File.ReadAllText(hostFile))!.AsObject();
        Override(host, settings);
        var allowed = settings.Where(setting => setting.Key.StartsWith("AzureFunctionsJobHost__functions__", StringComparison.OrdinalIgnoreCase))
            .Select(setting => setting.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var functions = Directory.EnumerateDirectories(path)
            .Select(folder => (Name: System.IO.Path.GetFileName(folder), File: System.IO.Path.Combine(folder, "function.json")))
            .Where(function => File.Exists(function.File) && (allowed.Count == 0 || allowed.Contains(function.Name)))
            .Where(function => !(settings.TryGetValue($"AzureWebJobs.{function.Name}.Disabled", out var disabled) && disabled is "true" or "1"))
            .Select(function => FunctionFile.Read(function.Name, File.ReadAllText(function.File)))
            .ToArray();
        return new(path, host, functions);
    }

    /// <summary>As <c>AzureFunctionsJobHost__extensions__queues__batchSize</c>: settings win over the file.</summary>
    private static void Override(JsonObject host, IReadOnlyDictionary<string, string> settings)
    {
        const string Prefix = "AzureFunctionsJobHost__";
        foreach (var (name, text) in settings)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || name[Prefix.Length..].Split("__") is not [not "functions", ..] path)
                continue;
            var at = host;
            foreach (var segment in path[..^1])
                at = at[segment] as JsonObject ?? (JsonObject)(at[segment] = new JsonObject());
            at[path[^1]] = int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : bool.TryParse(text, out var on) ? on : text;
        }
    }

    public T Setting<T>(string path, T otherwise, Func<JsonNode, T> read)
    {
        JsonNode? at = Host;
        foreach (var segment in path.Split('.'))
            at = (at as JsonObject)?[segment];
        return at is null ? otherwise : read(at);
    }

    public TimeSpan Time(string path, TimeSpan otherwise) => Setting(path, otherwise, node => TimeSpan.Parse(node.GetValue<string>()));

    public int Number(string path, int otherwise) => Setting(path, otherwise, node => node.GetValue<int>());

    public bool Switch(string path) => Setting(path, false, node => node.GetValueKind() == JsonValueKind.True);

    public string Text(string path, string otherwise) => Setting(path, otherwise, node => node.GetValue<string>());
}

/// <summary>One function.</summary>
internal sealed record FunctionFile(string Name, string Trigger, string Binding, string Queue, string Connection, string Route, string AuthLevel, IReadOnlyList<string> Methods)
{
    public static FunctionFile Read(string name, string text)
    {
        var trigger = JsonNode.Parse(text)!["bindings"]!.AsArray().Single(binding => binding!["type"]!.GetValue<string>().EndsWith("Trigger", StringComparison.Ordinal))!;
        return new(
            name,
            trigger["type"]!.GetValue<string>(),
            trigger["name"]!.GetValue<string>(),
            trigger["queueName"]?.GetValue<string>() ?? "",
            trigger["connection"]?.GetValue<string>() ?? "AzureWebJobsStorage",
            trigger["route"]?.GetValue<string>() ?? name,
            trigger["authLevel"]?.GetValue<string>() ?? "function",
            [.. (trigger["methods"] as JsonArray ?? []).Select(method => method!.GetValue<string>().ToUpperInvariant())]);
    }
}
