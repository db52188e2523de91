using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Admin;

/// <summary>What somebody needs who is to help from afar: a zip without secrets, and without what microservices are given to read.</summary>
internal sealed class Bundle(Views views, Snapshot snapshot)
{
    private const string About = """
        Diagnostics of an ioFog operator.

        overview.json    objects, queues, Controller, watcher, apps in numbers
        graph.json       how the objects depend on each other
        why.json         for each object that is not Ready: the chain to what keeps it
        poison.json      messages that could not be handled
        events.json      Kubernetes Events
        objects/         every object

        Values that are secret by name or looks are replaced by (hidden), and so are environment variables, commands and the configuration
        of microservices. Secrets are never read for this.
        """;

    public async Task<byte[]> MakeAsync(Caller caller, IReadOnlyCollection<Kind> kinds, CancellationToken cancellationToken)
    {
        var network = (await snapshot.ReadAsync(cancellationToken)).Only(kinds);
        var overview = await views.OverviewAsync(caller, kinds, [], cancellationToken);
        var poison = views.HasStorage ? await views.PoisonAsync(kinds, cancellationToken) : [];
        var events = await views.EventsAsync(cancellationToken);
        var why = new JsonObject(network.Objects.Where(item => item.State != ObjectState.Ready)
            .Select(item => KeyValuePair.Create(item.Id, JsonSerializer.SerializeToNode(Why.Of(network, item.Kind, item.Name)!, InsightJson.Default.Why))));
        using var buffer = new MemoryStream();
        await using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            await AddAsync(zip, "README.txt", Encoding.UTF8.GetBytes($"{About}\n\nVersion {Version}\n"), cancellationToken);
            await AddAsync(zip, "overview.json", JsonSerializer.SerializeToUtf8Bytes(overview, AdminJson.Default.Overview), cancellationToken);
            await AddAsync(zip, "graph.json", JsonSerializer.SerializeToUtf8Bytes(Graph.Of(network), InsightJson.Default.Graph), cancellationToken);
            await AddAsync(zip, "why.json", Utf8(why), cancellationToken);
            await AddAsync(zip, "poison.json", JsonSerializer.SerializeToUtf8Bytes(new(poison), AdminJson.Default.PoisonList), cancellationToken);
            await AddAsync(zip, "events.json", Utf8(new() { ["items"] = new JsonArray([.. events.Where(item => IsAbout(item, kinds)).Select(item => Redaction.Of(item, strict: true))]) }), cancellationToken);
            foreach (var item in network.Objects)
                await AddAsync(zip, $"objects/{item.Kind.Plural}/{item.Name}.json", Utf8(Redaction.Of(item.Content, strict: true)), cancellationToken);
        }

        return buffer.ToArray();
    }

    private static string Version => typeof(Bundle).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private static bool IsAbout(JsonObject item, IReadOnlyCollection<Kind> kinds) =>
        item["involvedObject"]?["kind"]?.GetValue<string>() is { } name && kinds.Any(kind => kind.Name == name);

    private static byte[] Utf8(JsonObject content) => JsonSerializer.SerializeToUtf8Bytes(content, KubernetesJson.Default.JsonObject);

    private static async Task AddAsync(ZipArchive zip, string name, byte[] content, CancellationToken cancellationToken)
    {
        await using var entry = await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await entry.WriteAsync(content, cancellationToken);
    }
}
