using System.Text.Json.Nodes;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Admin;

/// <summary>What callers do. Each act leaves a line in the log, and an Event on its object if it has one.</summary>
internal sealed class Acts(KubernetesApi api, Requests requests, KubernetesEvents events, Snapshot snapshot, AdminOptions options, ILogger<Acts> logger)
{
    public const string Reconcile = "reconcile";
    public const string Pause = "pause";
    public const string Resume = "resume";

    private const int AtOnce = 8;

    /// <returns>The object after it.</returns>
    /// <exception cref="Problem">404 when there is no such object or act.</exception>
    public async Task<JsonObject> ActAsync(Caller caller, string act, Kind kind, string name, CancellationToken cancellationToken)
    {
        var key = new ResourceKey(options.Namespace, name);
        var (reason, after) = act switch
        {
            Reconcile => ("ReconcileRequested", await requests.ReconcileAsync(kind, key, cancellationToken)),
            Pause => ("PauseRequested", await requests.PauseAsync(kind, key, cancellationToken)),
            Resume => ("ResumeRequested", await requests.ResumeAsync(kind, key, cancellationToken)),
            _ => throw new Problem(StatusCodes.Status404NotFound, $"There is no act {act}; there are {Reconcile}, {Pause} and {Resume}"),
        };
        if (after is null)
            throw new Problem(StatusCodes.Status404NotFound, $"There is no {kind} {name}");
        snapshot.Forget();
        Log.Acted(logger, caller.Name, act, kind.Name, name);
        await TellAsync(kind, after["metadata"]!.AsObject(), reason, $"{caller.Name} asked to {act} it", cancellationToken);
        return after;
    }

    /// <summary>Reconciles all objects of some kinds.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ReconcileAllAsync(Caller caller, IReadOnlyCollection<Kind> kinds, CancellationToken cancellationToken)
    {
        var network = (await snapshot.ReadAsync(cancellationToken)).Only(kinds);
        var count = 0;
        await Parallel.ForEachAsync(network.Objects, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (item, token) =>
        {
            try
            {
                await ActAsync(caller, Reconcile, item.Kind, item.Name, token);
                Interlocked.Increment(ref count);
            }
            catch (Problem problem) when (problem.Status == StatusCodes.Status404NotFound)
            {
                // gone since the list was read
            }
        });
        return count;
    }

    /// <summary>Throws a message of a poison queue away.</summary>
    /// <exception cref="Problem">404 when it is not there.</exception>
    public async Task DiscardAsync(Caller caller, PoisonQueue poison, Kind kind, string id, CancellationToken cancellationToken)
    {
        var message = await poison.DiscardAsync(id, cancellationToken)
            ?? throw new Problem(StatusCodes.Status404NotFound, $"There is no message {id} in the poison queue of {kind}");
        Log.Acted(logger, caller.Name, "discard", kind.Name, $"{id} ({message.Subject ?? "not understood"})");
        if (ResourceKey.TryParse(message.Subject, out var key) && key.Namespace == options.Namespace
            && await FindAsync(kind, key, cancellationToken) is { } metadata && metadata["uid"]!.GetValue<string>() == message.Uid?.ToString("D"))
            await TellAsync(kind, metadata, "PoisonDiscarded", $"{caller.Name} threw a message of it away: {message.Why}", cancellationToken);
    }

    private async Task<JsonObject?> FindAsync(Kind kind, ResourceKey key, CancellationToken cancellationToken)
    {
        try
        {
            return (await api.FindAsync(kind.PathOf(key), KubernetesJson.Default.JsonObject, cancellationToken))?["metadata"]!.AsObject();
        }
        catch (Exception e) when (e is KubernetesException or HttpRequestException)
        {
            Log.EventNotWritten(logger, e);
            return null;
        }
    }

    private async Task TellAsync(Kind kind, JsonObject metadata, string reason, string note, CancellationToken cancellationToken)
    {
        try
        {
            await events.WriteAsync(
                kind,
                new()
                {
                    Name = metadata["name"]!.GetValue<string>(),
                    Namespace = metadata["namespace"]!.GetValue<string>(),
                    Uid = metadata["uid"]!.GetValue<string>(),
                    ResourceVersion = metadata["resourceVersion"]!.GetValue<string>(),
                },
                warning: false,
                reason,
                note,
                cancellationToken);
        }
        catch (Exception e) when (e is KubernetesException or HttpRequestException)
        {
            Log.EventNotWritten(logger, e); // the act is done; the log has it
        }
    }
}
