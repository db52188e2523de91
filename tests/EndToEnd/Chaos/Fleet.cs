using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Controller;

namespace IoFog.Operator.EndToEnd.Chaos;

/// <summary>Objects of five kinds that depend on each other, what somebody wants them to be, and whether the Controller agrees.</summary>
internal sealed class Fleet(KubernetesApi api)
{
    private readonly Dictionary<string, Wanted> wanted = [];

    /// <summary>How many objects somebody wants.</summary>
    public int Count => wanted.Values.Count(one => one.IsThere);

    /// <summary>How often they were created, edited or deleted.</summary>
    public int Edits { get; private set; }

    /// <summary>A quarter are agents, half are microservices, objects of their own or declared by applications.</summary>
    public void Plan(int size)
    {
        var (agents, applications, doors, microservices) = (size * 24 / 100, size * 12 / 100, size * 16 / 100, size * 32 / 100);
        Add(agents, Kinds.Agent, "agent", (i, n) => $$"""{"host":"h{{i}}","agentType":"x86","description":"{{n}}","config":{"memoryLimit":{{1000 + n}}} }""");
        Add(doors, Kinds.EdgeResource, "door", (i, n) =>
            $$"""{"version":"v1.0.0","description":"{{n}}","interfaceProtocol":"http","interface":{"endpoints":[{"name":"open","method":"PUT","url":"/open"}]},"agents":["{{Name("agent", i % (agents / 2))}}"]}""");
        Add(applications, Kinds.Application, "app", (i, n) =>
            $$"""{"description":"{{n}}","microservices":[{"name":"{{Name("app", i)}}--a","agent":{"name":"{{Name("agent", i % (agents / 2))}}"},"images":{"x86":"a:1"},"config":{"n":{{n}} } }]}""");
        Add(microservices, Kinds.Microservice, "ms", (i, n) =>
            $$"""{"application":"{{Name("app", i % (applications / 2))}}","agent":{"name":"{{Name("agent", i % (agents / 2))}}"},"images":{"x86":"m:1"},"config":{"n":{{n}} } }""");
        Add(size - wanted.Count, Kinds.Route, "route", (i, n) =>
            $$"""{"application":"{{Name("app", i % (applications / 2))}}","from":"{{Name("ms", i)}}","to":"{{Name("app", i % (applications / 2))}}--a"}""");
        var needed = new Dictionary<Kind, int>
        {
            [Kinds.Agent] = agents / 2,
            [Kinds.Application] = applications / 2,
            [Kinds.Microservice] = microservices,
        };
        foreach (var one in wanted.Values)
            one.IsSpare = one.Number >= needed.GetValueOrDefault(one.Kind);
    }

    public async Task CreateAllAsync(CancellationToken cancellationToken)
    {
        foreach (var one in wanted.Values)
            await ApplyAsync(one, cancellationToken);
    }

#pragma warning disable CA5394 // spread, not security
    /// <summary>Edits, deletes or creates one object; nothing depends on those that are deleted.</summary>
    public async Task ChangeAnyAsync(Random random, CancellationToken cancellationToken)
    {
        var one = wanted.Values.ElementAt(random.Next(wanted.Count));
        if (one.IsThere && random.Next(5) == 0 && one.IsSpare)
        {
            one.IsThere = false;
            await TryAsync(() => api.DeleteAsync(one.Path, cancellationToken), cancellationToken);
        }
        else
        {
            one.Edition++;
            one.IsThere = true;
            await ApplyAsync(one, cancellationToken);
        }

        Edits++;
    }
#pragma warning restore CA5394

    /// <summary>
    /// Whether every object that somebody wants is as he wants it, Ready and not due, and all others are gone. Applies again what was
    /// applied to an object that was on its way out.
    /// </summary>
    /// <returns>Null, or what is not so yet.</returns>
    public async Task<string?> FindUnsettledAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in ChaosStage.Served)
        {
            var list = await api.GetAsync(kind.PathOf(ChaosStage.Namespace), KubernetesJson.Default.JsonObject, cancellationToken);
            var found = list["items"]!.AsArray().ToDictionary(item => item!["metadata"]!["name"]!.GetValue<string>(), item => item!.AsObject());
            foreach (var one in wanted.Values.Where(one => one.Kind == kind))
            {
                var item = found.GetValueOrDefault(one.Name);
                if (!one.IsThere)
                {
                    if (item is not null)
                        return item["metadata"]!["deletionTimestamp"] is null ? await AgainAsync() : $"{kind} {one.Name} is not gone yet: {item["status"]}";
                    continue;
                }

                if (item is null)
                {
                    await ApplyAsync(one, cancellationToken);
                    return $"{kind} {one.Name} was on its way out when it was applied";
                }

                var (status, metadata) = (item["status"], item["metadata"]!);
                var ready = status?["conditions"]?.AsArray().FirstOrDefault(condition => condition!["type"]!.GetValue<string>() == Names.Ready)?["status"]?.GetValue<string>();
                if (metadata["deletionTimestamp"] is not null || status?["claim"] is not null || ready != "True"
                    || status?["observedGeneration"]?.GetValue<long>() != metadata["generation"]!.GetValue<long>())
                    return $"{kind} {one.Name}, generation {metadata["generation"]}: {status?.ToJsonString()}";

                async Task<string> AgainAsync()
                {
                    await api.DeleteAsync(one.Path, cancellationToken);
                    return $"{kind} {one.Name} was not deleted";
                }
            }
        }

        return null;
    }

    /// <summary>What the Controller holds that nobody wants, or not as it is wanted.</summary>
    public IEnumerable<string> Disagreements(ControllerState controller)
    {
        lock (controller.Gate)
        {
            return
            [
                .. Compare(Kinds.Agent, controller.Agents, (agent, n) => Number(agent, "memoryLimit") == 1000 + n && Text(agent, "description") == $"{n}"),
                .. Compare(Kinds.EdgeResource, controller.EdgeResources, (door, n) => Text(door, "description") == $"{n}"),
                .. Compare(Kinds.Application, controller.Applications, (application, n) => Text(application, "description") == $"{n}"),
                .. Compare(Kinds.Microservice, [.. controller.Microservices.Where(one => !Text(one, "name").Contains("--", StringComparison.Ordinal))], HasConfig),
                .. Compare(Kinds.Route, controller.Routes, static (_, _) => true),
                .. Compare(Kinds.Registry, [.. controller.Registries.Where(registry => registry["userId"] is not null)], (registry, n) => Text(registry, "userEmail") == $"{n}@example.com"),
                .. Compare(Kinds.CatalogItem, [.. controller.CatalogItems.Where(item => item["userId"] is not null)], (item, n) => Text(item, "description") == $"{n}"),
                .. Compare(Kinds.ApplicationTemplate, controller.Templates, (template, n) => Text(template, "description") == $"{n}"),
                .. Compare(Kinds.Application, [.. controller.Microservices.Where(one => Text(one, "name").Contains("--", StringComparison.Ordinal))], HasConfig),
            ];
        }

        static bool HasConfig(JsonObject microservice, int n) => JsonNode.Parse(Text(microservice, "config"))?["n"]?.GetValue<int>() == n;
    }

    private IEnumerable<string> Compare(Kind kind, List<JsonObject> entries, Func<JsonObject, int, bool> agrees)
    {
        var there = wanted.Values.Where(one => one.Kind == kind && one.IsThere).ToDictionary(one => one.Name);
        foreach (var group in entries.GroupBy(entry => Text(entry, entry.ContainsKey("url") ? "url" : "name").Split("--")[0]))
        {
            if (group.Count() > 1)
                yield return $"{group.Count()} entries for {kind} {group.Key}";
            if (!there.Remove(group.Key, out var one))
                yield return $"nobody wants {kind} {group.Key}";
            else if (!agrees(group.First(), one.Edition))
                yield return $"{kind} {group.Key} is not edition {one.Edition}: {group.First().ToJsonString()}";
        }

        foreach (var missing in there.Keys)
            yield return $"{kind} {missing} is missing";
    }

    private void Add(int count, Kind kind, string name, Func<int, int, string> spec)
    {
        for (var i = 0; i < count; i++)
            wanted[Name(name, i)] = new(kind, Name(name, i), i, spec);
    }

    private Task ApplyAsync(Wanted one, CancellationToken cancellationToken) => TryAsync(
        () => api.ApplyAsync(
            one.Path,
            new JsonObject
            {
                ["apiVersion"] = Kind.ApiVersion,
                ["kind"] = one.Kind.Name,
                ["metadata"] = new JsonObject { ["name"] = one.Name },
                ["spec"] = JsonNode.Parse(one.Spec(one.Number, one.Edition)),
            },
            KubernetesJson.Default.JsonObject,
            "somebody",
            cancellationToken),
        cancellationToken);

    /// <summary>As people do it while the API server is away: again.</summary>
    private static async Task TryAsync(Func<Task> act, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await act();
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or KubernetesException { Code: >= HttpStatusCode.InternalServerError or HttpStatusCode.NotFound })
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
            }
        }
    }

    private static string Name(string name, int i) => string.Create(CultureInfo.InvariantCulture, $"{name}-{i:000}");

    private static string Text(JsonObject entry, string field) => entry[field]?.GetValue<string>() ?? "";

    private static int Number(JsonObject entry, string field) => entry[field]!.GetValue<int>();

    /// <summary>One object as somebody wants it.</summary>
    private sealed record Wanted(Kind Kind, string Name, int Number, Func<int, int, string> Spec)
    {
        public string Path { get; } = Kind.PathOf(new ResourceKey(ChaosStage.Namespace, Name));

        public int Edition { get; set; }

        public bool IsThere { get; set; } = true;

        /// <summary>Nothing depends on it.</summary>
        public bool IsSpare { get; set; }
    }
}
