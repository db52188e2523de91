using System.Text.Json.Nodes;
using IoFog.Operator.Changes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;
using IoFog.Operator.Unit.Reconciling;
using IoFog.Operator.Watcher;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Pipeline;

/// <summary>
/// The whole path with the production code of watcher table, due rule and reconcile loop on the emulated API server, and a queue, an outside
/// and two clocks of its own. Everything that can go wrong does, at random; afterwards everything must come to rest in agreement.
/// </summary>
internal sealed class PipelineModel : IDisposable
{
    private const string Hub = "hub";
    private static readonly string[] Names = ["hub", "edge", "twin"];
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly Random random;
    private readonly RandomScheduler scheduler;
    private readonly RandomScheduler freezer;
    private readonly List<WatcherModel> watchers = [];
    private readonly FakeTimeProvider watcherClock = new(Start);
    private readonly FakeTimeProvider appClock;
    private readonly InMemoryCluster cluster;
    private readonly Dictionary<string, (string? Description, Guid Owner)> outside = [];
    private readonly List<(Change Change, DateTimeOffset Put)> queue = [];
    private readonly List<(Change Change, DateTimeOffset Visible)> hidden = [];
    private readonly Dictionary<string, DateTimeOffset> holders = [];
    private readonly HashSet<string> poked = [];
    private readonly List<string> violations = [];
    private readonly bool withFaults;
    private bool isControllerUp = true;
    private ulong epoch = 1;
    private int request;

    public PipelineModel(int seed, bool withFaults)
    {
        this.withFaults = withFaults;
        random = new(seed);
        scheduler = new(random);
        freezer = new(random);
        appClock = new(Start.AddSeconds(random.Next(-10, 11)));
        cluster = new(watcherClock);
        StartWatcher();
        cluster.State.Storage.Changed += (kind, happened) =>
        {
            if (kind.Plural != Kinds.Agent.Plural)
                return;
            foreach (var watcher in watchers)
                watcher.Enqueue(happened.Type == "DELETED" ? Gone(happened.Object.Content) : happened.Object.Content);
        };
    }

    /// <summary>Sends since the start.</summary>
    public int Sends { get; private set; }

    /// <summary>Looks at the head of the queue since the start.</summary>
    public int Checks { get; private set; }

    public int Writes => cluster.Writes;

    public IReadOnlyList<string> Violations => violations;

    public void Dispose() => cluster.Dispose();

    /// <summary>Something happens.</summary>
    public void Act()
    {
        switch (random.Next(withFaults ? 30 : 12))
        {
            case 0: Try(() => Create(AnyName())); break;
            case 1: Try(() => cluster.Patch(Kinds.Agent, AnyName(), $"{{\"spec\":{{\"description\":\"d{random.Next(1000)}\"}}}}")); break;
            case 2: Try(() => cluster.Delete(Kinds.Agent, AnyName())); break;
            case 3: Try(() => cluster.Patch(Kinds.Agent, AnyName(), $"{{\"metadata\":{{\"annotations\":{{\"request.iofog.org/reconcile\":\"{++request}\"}}}}}}")); break;
            case 11: Try(() => cluster.Patch(Kinds.Agent, AnyName(), $"{{\"metadata\":{{\"annotations\":{{\"request.iofog.org/poke\":\"{++request}\"}}}}}}")); break;
            case 4: Try(() => cluster.Patch(Kinds.Agent, AnyName(), """{"metadata":{"annotations":{"iofog.org/paused":"true"}}}""")); break;
            case 5: Try(() => cluster.Patch(Kinds.Agent, AnyName(), """{"metadata":{"annotations":{"iofog.org/paused":null}}}""")); break;
            case 6 when outside.Count > 0: outside.Remove(outside.Keys.ElementAt(random.Next(outside.Count))); break;
            case 7 when outside.Count > 0:
                var drifted = outside.Keys.ElementAt(random.Next(outside.Count));
                outside[drifted] = outside[drifted] with { Description = "drifted" };
                break;
            case 8: Advance(TimeSpan.FromMilliseconds(random.Next(3000))); break;
            case <= 10: Step(); break;
            case 12 when queue.Count > 0: queue.RemoveAt(random.Next(queue.Count)); break;
            case 13 when queue.Count > 0: queue.Add(queue[random.Next(queue.Count)]); break;
            case 14:
                watchers.Remove(AnyWatcher());
                if (watchers.Count == 0)
                    StartWatcher();
                break;
            case 18 when watchers.Count < 3: StartWatcher(); break; // two lead for a while
            case 19: List(AnyWatcher()); break;
            case 20: AnyWatcher().LoseWatch(); break;
            case 21: AnyWatcher().OpenWatch(); break;
            case 22: AnyWatcher().SetClock(TimeSpan.FromSeconds(random.Next(-600, 601))); break;
            case 23:
                queue.Clear();
                hidden.Clear(); // the storage lost everything
                break;
            case 24 when !freezer.IsIdle: freezer.Step(); break;
            case 15: isControllerUp = false; break;
            case 16 when !isControllerUp: (isControllerUp, epoch) = (true, epoch + 1); break;
            case 17: Advance(TimeSpan.FromSeconds(random.Next(30))); break;
            default: Step(); break;
        }
    }

    /// <summary>Nothing happens from outside any more: everything comes to rest.</summary>
    public void Settle()
    {
        isControllerUp = true;
        epoch++;
        foreach (var watcher in watchers)
            watcher.OpenWatch();
        for (var round = 0; round < 2000; round++)
        {
            for (var i = 0; i < 20 || (i < 400 && !IsQuiet); i++)
                Step();
            if (IsQuiet && IsSettled)
                return;
            Advance(TimeSpan.FromSeconds(2));
            if (!freezer.IsIdle && random.Next(20) == 0)
                freezer.Step(); // some thaw late
        }
    }

    /// <summary>An hour of nothing.</summary>
    public void Rest()
    {
        for (var minute = 0; minute < 60; minute++)
        {
            Advance(TimeSpan.FromMinutes(1));
            for (var i = 0; i < 20; i++)
                Step();
        }
    }

    /// <summary>What does not agree at the end.</summary>
    public IEnumerable<string> Disagreements()
    {
        foreach (var name in Names)
        {
            var found = cluster.Find(Kinds.Agent, name);
            var entry = Entry(name);
            if (found is null)
                continue;
            var watched = cluster.Watched(Kinds.Agent, name);
            if (watched.Paused)
                continue;
            if (watched.Generation != watched.ObservedGeneration || watched.ClaimTurn != 0 || watched.RequestPending || watched.Deleting)
                yield return $"{name} is not settled: {found["metadata"]!["generation"]} {found["status"]?.ToJsonString()}";
            if (found["status"]!["deferred"] is not null && !WaitsForHub(name))
                yield return $"{name} has not got round to {found["status"]!["deferred"]!.ToJsonString()}";
            var owner = Owner(entry);
            if (owner == name && (!outside.TryGetValue(entry, out var has) || has.Description != found["spec"]?["description"]?.GetValue<string>()) && !WaitsForHub(name))
                yield return $"{name}: the outside does not hold what its spec says: {found.ToJsonString()}";
            if (owner != name && !found["status"]!.ToJsonString().Contains("NameTaken", StringComparison.Ordinal))
                yield return $"{name} is not the owner of {entry} and does not say so: {found["status"]!.ToJsonString()}";
        }
    }

    private bool IsQuiet => scheduler.IsIdle && freezer.IsIdle && queue.Count == 0 && watchers.All(watcher => watcher.IsQuiet);

    private bool IsSettled => !Disagreements().Any() && hidden.Count == 0;

    // A hub that is paused, or that nobody asked for, leaves its edge waiting.
    private bool WaitsForHub(string name) => name == "edge" && !outside.ContainsKey(Hub);

    // "twin" claims the entry of "edge".
    private static string Entry(string name) => name == "twin" ? "edge" : name;

    private string? Owner(string entry) => Names.Where(name => Entry(name) == entry && cluster.Find(Kinds.Agent, name) is not null)
        .OrderBy(name => cluster.Watched(Kinds.Agent, name).Created).ThenBy(name => cluster.Watched(Kinds.Agent, name).Uid).FirstOrDefault();

    private void Step()
    {
        switch (random.Next(6))
        {
            case 0: AnyWatcher().Observe(); break;
            case 1: Poll(AnyWatcher().Table); break;
            case 2: Send(AnyWatcher()); break;
            case 3 when queue.Count > 0: Receive(); break;
            default:
                if (!scheduler.IsIdle)
                    scheduler.Step();
                else
                    Pass(AnyWatcher());
                break;
        }
    }

    private void Pass(WatcherModel watcher)
    {
        watcher.Observe();
        Send(watcher);
    }

    private void Poll(DueTable table)
    {
        if (!isControllerUp)
        {
            table.ControllerLost();
            return;
        }

        table.LookBegins();
        table.EntriesSeen(Kinds.Agent, outside.ToDictionary(
            entry => EntryName.Hash(Kinds.Agent, Kinds.Agent.Entry!.Fields, entry.Key, null, null), entry => Seen.Hash(entry.Value.Description ?? "none")));
        table.ControllerReached(epoch);
    }

    private void Send(WatcherModel watcher)
    {
        var (table, now) = (watcher.Table, watcher.Now);
        foreach (var kind in table.NeedsCount.ToArray())
            table.Counted(kind, queue.Count + hidden.Count == 0, now);
        foreach (var send in table.TakeDue(now))
        {
            Sends++;
            if (withFaults && random.Next(20) == 0)
            {
                table.NotSent(send, now.AddSeconds(2)); // the storage was away
                continue;
            }

            if (!watcher.IsFirst(send))
                violations.Add($"sent twice: {send.Change.Reason} {send.Change.Key} turn {send.SentTurn}");
            var put = watcherClock.GetUtcNow();
            queue.Add((send.Change, put));
            DueTable.Sent(send, put);
        }

        foreach (var kind in table.NeedsCheck(now))
        {
            Checks++;
            table.Checked(kind, queue.Count == 0 ? null : queue.Min(message => message.Put), now);
        }
    }

    private void Receive()
    {
        var i = random.Next(queue.Count);
        var (change, _) = queue[i];
        queue.RemoveAt(i);
        var diesAfter = random.Next(12) == 0 ? random.Next(8) : int.MaxValue;
        _ = HandleAsync(Change.Parse(change.ToJson()), diesAfter);
    }

    private async Task HandleAsync(Change change, int diesAfter)
    {
        var death = new Death(diesAfter);
        var api = cluster.Client(async _ =>
        {
            death.Tick();
            await scheduler.Yield();
            if (withFaults && random.Next(50) == 0)
                await freezer.Yield();
        });
        var reconciler = new StubReconciler
        {
            OnReconcile = (turn, token) => ReconcileAsync(turn, death, token),
            OnDelete = (turn, token) => DeleteAsync(turn, death, token),
            Commands = ["poke"],
        };
        var loop = new ReconcileLoop<StubSpec, StubStatus>(
            new(api, Kinds.Agent, StubReconciler.Type), reconciler, new KubernetesEvents(api, appClock), appClock, NullLogger<ReconcileLoop>.Instance);
        await scheduler.Yield();
        try
        {
            await loop.HandleAsync(change.ToJson(), CancellationToken.None);
        }
        catch (Exception e) when (!death.HasCome)
        {
            violations.Add($"a message failed: {e}");
        }
        catch (HandlerDiedException)
        {
            // told below
        }

        if (death.HasCome)
            hidden.Add((change, watcherClock.GetUtcNow().AddMinutes(10)));
    }

    private async Task<Outcome> ReconcileAsync(Turn<StubSpec, StubStatus> turn, Death death, CancellationToken cancellationToken)
    {
        await scheduler.Yield();
        death.Tick();
        if (!isControllerUp)
            throw new IoFog.Operator.Controller.ControllerUnavailableException(WaitingFor.Controller, "away");
        var name = turn.Resource.Spec?.Name ?? turn.Key.Name;
        if (turn.Key.Name == "edge" && !outside.ContainsKey(Hub))
            return Outcome.Wait(WaitingFor.On(Kinds.Agent, Hub), "the hub is missing");
        var wanted = turn.Resource.Spec?.Description;
        if (!outside.TryGetValue(name, out var has) || has.Description != wanted)
        {
            var uid = Guid.Parse(turn.Resource.Metadata.Uid);
            if (!await turn.TryActAsync(_ => WriteAsync(turn.Resource, death, () => outside[name] = (wanted, uid)), cancellationToken))
                return Outcome.Continue("more");
        }

        if (turn.Asked.Contains("poke"))
        {
            var poke = $"poke {turn.Resource.Metadata.Annotations!["request.iofog.org/poke"]} of {turn.Resource.Metadata.Uid}";
            if (!await turn.TryActOnceAsync("poke", _ => WriteAsync(turn.Resource, death, () => Poke(poke)), cancellationToken))
                return Outcome.Continue("a poke");
        }

        return Outcome.Settled(Readiness.True("Fine", ""));
    }

    private async Task<Outcome> DeleteAsync(Turn<StubSpec, StubStatus> turn, Death death, CancellationToken cancellationToken)
    {
        await scheduler.Yield();
        death.Tick();
        if (!isControllerUp)
            throw new IoFog.Operator.Controller.ControllerUnavailableException(WaitingFor.Controller, "away");
        var name = turn.Resource.Spec?.Name ?? turn.Key.Name;
        if (outside.ContainsKey(name))
            await turn.TryActAsync(_ => WriteAsync(turn.Resource, death, () => outside.Remove(name)), cancellationToken);
        return Outcome.Gone;
    }

    private async Task WriteAsync(Resource<StubSpec, StubStatus> resource, Death death, Action write)
    {
        var uid = resource.Metadata.Uid;
        var claim = cluster.Find(Kinds.Agent, resource.Metadata.Name)?["status"]?["claim"]?["turn"]?.GetValue<long>();
        if (claim != (resource.Status?.Turn ?? 0) + 1)
            violations.Add($"a write without a claim for {resource.Metadata.Name}: read turn {resource.Status?.Turn}, claimed is {claim}");
        // Frozen for longer than its claim lasts, a handler may land one write late; within it there is one holder.
        var now = watcherClock.GetUtcNow();
        if (holders.TryGetValue(uid, out var since) && now - since < Claim.TimeToLive)
            violations.Add($"two handlers write for {uid}");
        holders[uid] = now;
        try
        {
            await scheduler.Yield();
            death.Tick();
            write();
            await scheduler.Yield();
        }
        finally
        {
            holders.Remove(uid);
        }
    }

    private void Poke(string poke)
    {
        if (!poked.Add(poke))
            violations.Add($"twice: {poke}");
    }

    private void Advance(TimeSpan by)
    {
        watcherClock.Advance(by);
        appClock.Advance(by);
        foreach (var message in hidden.Where(message => message.Visible <= watcherClock.GetUtcNow()).ToArray())
        {
            hidden.Remove(message);
            queue.Add((message.Change, message.Visible.AddMinutes(-10)));
        }
    }

    private void StartWatcher()
    {
        var watcher = new WatcherModel(random, watcherClock.GetUtcNow);
        watchers.Add(watcher);
        List(watcher);
    }

    private void List(WatcherModel watcher) => watcher.List(
        cluster.State.Storage.List(new(Kind.Group, Kinds.Agent.Plural), "default").Objects.Select(stored => stored.Utf8),
        withFaults && random.Next(3) == 0 ? null : queue.Count + hidden.Count == 0);

    private WatcherModel AnyWatcher() => watchers[random.Next(watchers.Count)];

    private string AnyName() => Names[random.Next(Names.Length)];

    private void Create(string name)
    {
        var spec = new JsonObject { ["description"] = $"d{random.Next(1000)}" };
        if (Entry(name) != name)
            spec["name"] = Entry(name);
        cluster.Create(Kinds.Agent, name, spec);
    }

    private static JsonObject Gone(JsonObject content) => new() { ["gone"] = true, ["metadata"] = content["metadata"]!.DeepClone() };

    private static void Try(Action act)
    {
        try
        {
            act();
        }
        catch (InvalidOperationException)
        {
            // not there, or there already
        }
    }

    private sealed class HandlerDiedException : Exception;

    /// <summary>Ends a handler after so many of its steps; a dead one does nothing more.</summary>
    private sealed class Death(int after)
    {
        private int left = after;

        public bool HasCome { get; private set; }

        public void Tick()
        {
            if (--left >= 0)
                return;
            HasCome = true;
            throw new HandlerDiedException();
        }
    }
}
