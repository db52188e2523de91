using System.Text.Json;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Watcher;

/// <summary>
/// What the Controller's list of edge resources leaves out: the agents that have each, which the list of agents shows, and its interface, which
/// is read by name, a few names at each look. So a change of an interface is noticed within as many looks as there are tens of names.
/// </summary>
internal sealed class EdgeResourceContent
{
    private const int NamesAtOnce = 10;
    private static readonly ulong Broken = Seen.Hash("broken");

    private readonly Dictionary<string, (ulong Hash, long Read)> details = new(StringComparer.Ordinal);
    private Dictionary<ulong, ulong> links = [];
    private long reads;

    /// <summary>Remembers who has what.</summary>
    /// <param name="list">Of agents.</param>
    public void SeeAgents(JsonElement list)
    {
        links = [];
        foreach (var agent in Items(list, "fogs"))
        {
            // With its tags: an agent may lose those of a resource that it keeps.
            var tags = string.Join(',', Items(agent, "tags").Select(tag => tag.ToString()).Order(StringComparer.Ordinal));
            var who = Seen.Hash($"{Text(agent, "uuid")} {Text(agent, "name")} {tags}");
            foreach (var resource in Items(agent, "edgeResources"))
            {
                if (EntryOf(resource) is var entry && entry != 0)
                    links[entry] = links.GetValueOrDefault(entry) ^ who;
            }
        }
    }

    /// <summary>Adds to the hash of each edge resource what the list does not say of it.</summary>
    /// <param name="client">Signed in.</param>
    /// <param name="list">Of edge resources.</param>
    /// <param name="entries">What the list says.</param>
    public async Task AddAsync(ControllerClient client, JsonElement list, Dictionary<ulong, ulong> entries, CancellationToken cancellationToken)
    {
        var resources = Items(list, "edgeResources").Select(resource => (Name: Text(resource, "name"), Entry: EntryOf(resource))).Distinct().ToArray();
        var names = resources.Select(resource => resource.Name).Distinct().ToArray();
        foreach (var gone in details.Keys.Except(names).ToArray())
            details.Remove(gone);

        // Without what a new name has, the same entry would look changed with the next look.
        var unknown = names.Where(name => !details.ContainsKey(name)).ToArray();
        var again = names.Except(unknown).OrderBy(name => details[name].Read).Take(Math.Max(0, NamesAtOnce - unknown.Length));
        foreach (var name in unknown.Concat(again).ToArray())
            details[name] = (await ReadAsync(client, name, cancellationToken), ++reads);
        foreach (var (name, entry) in resources.Where(resource => entries.ContainsKey(resource.Entry)))
            entries[entry] = Seen.Hash($"{entries[entry]} {links.GetValueOrDefault(entry)} {details[name].Hash}");
    }

    private static async Task<ulong> ReadAsync(ControllerClient client, string name, CancellationToken cancellationToken)
    {
        try
        {
            return Seen.Hash(await client.GetListAsync($"edgeResource/{Uri.EscapeDataString(name)}", cancellationToken));
        }
        catch (ControllerException e) when (e.Name == "TypeError")
        {
            return Broken; // one of its versions has lost its interface
        }
    }

    private static ulong EntryOf(JsonElement resource) =>
        EntryName.Hash(Kinds.EdgeResource, Kinds.EdgeResource.Entry!.Fields, Text(resource, "name"), null, Text(resource, "version"));

    private static IEnumerable<JsonElement> Items(JsonElement around, string name) =>
        around.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
