using System.Globalization;
using System.Text.Json.Nodes;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Cli;

/// <summary>What can be asked for; each returns its exit code.</summary>
internal sealed class Commands(KubernetesApi api, string @namespace, Arguments arguments, Output output, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <exception cref="UsageException">It can't be carried out as it was given.</exception>
    public Task<int> RunAsync(CancellationToken cancellationToken) => arguments.Command switch
    {
        "status" => StatusAsync(cancellationToken),
        "why" => WhyAsync(cancellationToken),
        "graph" => GraphAsync(cancellationToken),
        "reconcile" => ReconcileAsync(cancellationToken),
        "pause" => ActAsync("paused", new Requests(api, time).PauseAsync, cancellationToken),
        "resume" => ActAsync("resumed", new Requests(api, time).ResumeAsync, cancellationToken),
        "poison" => PoisonAsync(cancellationToken),
        var other => throw new UsageException($"'{other}': there is no such command"),
    };

    private async Task<int> StatusAsync(CancellationToken cancellationToken)
    {
        var network = await Network.ReadAsync(api, @namespace, arguments.KindsOrAll(), cancellationToken);
        ObjectSummary[] items = [.. network.Objects.Select(item => item.Summary)];
        if (!output.IsForPeople)
        {
            output.Write(items, InsightJson.Default.IReadOnlyListObjectSummary);
        }
        else if (items.Length == 0)
        {
            output.Line($"There is nothing in the namespace {@namespace}");
        }
        else
        {
            output.Table(["KIND", "NAME", "STATE", "REASON", "SINCE", "TRIES", "NEXT", "WAITING FOR"], [.. items.Select(item => (IReadOnlyList<Cell>)
                [item.Kind, item.Name, Output.State(item.State), item.Reason, Age(item.Since), item.Attempts?.ToString(CultureInfo.InvariantCulture), Until(item.NextReconcileTime), item.WaitingFor])]);
            output.Line();
            output.Line(string.Join(", ", items.GroupBy(item => item.State).OrderBy(group => group.Key).Select(group => $"{group.Count()} {output.Paint(Output.State(group.Key).Text[2..], Colours.Of(group.Key))}")));
        }

        return items.All(item => item.State == ObjectState.Ready) ? ExitCodes.Done : ExitCodes.NotReady;
    }

    private async Task<int> WhyAsync(CancellationToken cancellationToken)
    {
        if (arguments.Objects() is not [var (kind, name)])
            throw new UsageException("why: name one object");
        var network = await Network.ReadAsync(api, @namespace, Kinds.All, cancellationToken);
        var why = Why.Of(network, kind, name) ?? throw NotFound(kind, name);
        if (output.IsForPeople)
        {
            foreach (var (i, link) in why.Links.Index())
            {
                var state = Output.State(link.State);
                output.Line($"{(i == 0 ? "" : $"{new string(' ', (i - 1) * 3)}└─ ")}{(link.Relation is null ? "" : $"{output.Paint(link.Relation, Colours.Dim)} ")}"
                    + $"{output.Paint(link.Id, Colours.Bold)}  {output.Paint(state.Text, state.Colour)}{(link.Reason is null ? "" : $"  {link.Reason}")}");
            }

            output.Line();
            output.Line(why.Verdict);
            if (why.Advice is not null)
                output.Line($"→ {why.Advice}");
        }
        else
        {
            output.Write(why, InsightJson.Default.Why);
        }

        return why.Links[0].State == ObjectState.Ready ? ExitCodes.Done : ExitCodes.NotReady;
    }

    private async Task<int> GraphAsync(CancellationToken cancellationToken)
    {
        var graph = Graph.Of(await Network.ReadAsync(api, @namespace, Kinds.All, cancellationToken));
        if (output.IsDot)
            output.Line(GraphText.Dot(graph));
        else if (output.IsForPeople)
            GraphText.Tree(graph, output);
        else
            output.Write(graph, InsightJson.Default.Graph);
        return ExitCodes.Done;
    }

    private async Task<int> ReconcileAsync(CancellationToken cancellationToken)
    {
        var requests = new Requests(api, time);
        if (!arguments.All)
            return await ActAsync("reconcile requested", requests.ReconcileAsync, cancellationToken);
        var network = await Network.ReadAsync(api, @namespace, arguments.KindsOrAll(), cancellationToken);
        return await ActAsync("reconcile requested", requests.ReconcileAsync, [.. network.Objects.Select(item => (item.Kind, item.Name))], cancellationToken);
    }

    private Task<int> ActAsync(string done, Func<Kind, ResourceKey, CancellationToken, Task<JsonObject?>> act, CancellationToken cancellationToken) =>
        ActAsync(done, act, arguments.Objects(), cancellationToken);

    private async Task<int> ActAsync(
        string done, Func<Kind, ResourceKey, CancellationToken, Task<JsonObject?>> act, IReadOnlyList<(Kind Kind, string Name)> objects, CancellationToken cancellationToken)
    {
        var asked = new List<(Kind Kind, string Name, string? Request)>();
        foreach (var (kind, name) in objects)
        {
            var after = await act(kind, new(@namespace, name), cancellationToken) ?? throw NotFound(kind, name);
            asked.Add((kind, name, (after["metadata"]?["annotations"] as JsonObject)?[Requests.ReconcileAnnotation]?.GetValue<string>()));
            output.Line($"{kind}/{name} {done}");
        }

        if (!arguments.Wait || arguments.Command != "reconcile")
            return ExitCodes.Done;
        var began = time.GetTimestamp();
        foreach (var (kind, name, request) in asked)
        {
            while (!await IsHonouredAsync(kind, name, request, cancellationToken))
            {
                if (time.GetElapsedTime(began) > arguments.Timeout)
                    throw new InvalidOperationException($"{kind}/{name} was not reconciled within {arguments.Timeout.TotalSeconds} s; 'kubectl iofog why {kind}/{name}' may tell why");
                await Task.Delay(Interval, time, cancellationToken);
            }

            output.Line($"{kind}/{name} reconciled");
        }

        return ExitCodes.Done;
    }

    private async Task<bool> IsHonouredAsync(Kind kind, string name, string? request, CancellationToken cancellationToken)
    {
        var item = await api.FindAsync(kind.PathOf(new ResourceKey(@namespace, name)), KubernetesJson.Default.JsonObject, cancellationToken) ?? throw NotFound(kind, name);
        return item["status"]?["requests"]?["reconcile"]?.GetValue<string>() == request && item["status"]?["claim"] is null;
    }

    private async Task<int> PoisonAsync(CancellationToken cancellationToken)
    {
        var storage = arguments.Storage ?? Environment.GetEnvironmentVariable("AzureWebJobsStorage");
        if (string.IsNullOrEmpty(storage))
            throw new UsageException("poison: --storage or AzureWebJobsStorage must name the storage account that holds the queues");
        if (arguments.Discard is { } id)
            return await DiscardAsync(storage, id, cancellationToken);
        var messages = new List<PoisonMessage>();
        foreach (var kind in arguments.KindsOrAll())
            messages.AddRange(await new PoisonQueue(storage, kind, @namespace).ListAsync(cancellationToken));
        if (!output.IsForPeople)
            output.Write(messages, InsightJson.Default.IReadOnlyListPoisonMessage);
        else if (messages.Count == 0)
            output.Line("All poison queues are empty");
        else
            output.Table(["QUEUE", "ID", "ABOUT", "SINCE", "WHY"], [.. messages.Select(message => (IReadOnlyList<Cell>)[message.Kind, message.Id, message.Subject ?? "-", Age(message.Inserted), message.Why])]);
        return messages.Count == 0 ? ExitCodes.Done : ExitCodes.NotReady;
    }

    private async Task<int> DiscardAsync(string storage, string id, CancellationToken cancellationToken)
    {
        foreach (var kind in arguments.KindsOrAll())
        {
            if (await new PoisonQueue(storage, kind, @namespace).DiscardAsync(id, cancellationToken) is null)
                continue;
            output.Line($"{id} discarded from the poison queue of {kind}");
            return ExitCodes.Done;
        }

        throw new InvalidOperationException($"No poison queue has a message {id} among its oldest");
    }

    private InvalidOperationException NotFound(Kind kind, string name) => new($"There is no {kind} {name} in the namespace {@namespace}");

    private string Age(DateTimeOffset? at) => at is { } then ? Span(time.GetUtcNow() - then) : "";

    private string Until(DateTimeOffset? at) => at is { } then ? then <= time.GetUtcNow() ? "now" : $"in {Span(then - time.GetUtcNow())}" : "";

    // As kubectl does: two digits are enough.
    private static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 120 } => $"{Math.Max(0, (int)span.TotalSeconds)}s",
        { TotalMinutes: < 120 } => $"{(int)span.TotalMinutes}m",
        { TotalHours: < 48 } => $"{(int)span.TotalHours}h",
        _ => $"{(int)span.TotalDays}d",
    };
}
