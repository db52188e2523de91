using IoFog.Operator.Controller;
using IoFog.Operator.Microservices;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Applications;

/// <summary>Why some children of an application are not as its spec says. The others are set up all the same.</summary>
internal sealed class ApplicationProblems(string application)
{
    private readonly List<MicroserviceProblem> all = [];
    private readonly HashSet<string> untouched = [];

    /// <summary>The children that nothing is to be done for.</summary>
    public IReadOnlySet<string> Untouched => untouched;

    /// <summary>What the turn ends with; null where there is no problem. What may pass comes before what is final, so that nothing is given up too early.</summary>
    public Outcome? Outcome
    {
        get
        {
            if (all.Count == 0)
                return null;
            var first = all.Find(problem => problem.WaitingFor is not null) ?? all.Find(problem => !problem.IsFinal) ?? all[0];
            var others = all.Count == 1 ? "" : $" (and {all.Count - 1} more)";
            return (first with { Message = $"{first.Message}{others}; the rest is set up" }).Outcome;
        }
    }

    /// <summary>What is known before anything is done.</summary>
    /// <param name="spec">What the application is to be.</param>
    /// <param name="name">In the Controller.</param>
    /// <param name="agents">Those that are there, by name.</param>
    /// <param name="taken">Children of other objects that were created earlier, and those objects.</param>
    /// <param name="owned">What the object has created.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    /// <param name="missing">What microservices are to be made of and is not there, by their names.</param>
    public static ApplicationProblems Of(
        ApplicationSpec spec, string name, IReadOnlyDictionary<string, AgentEntry> agents, IReadOnlyDictionary<string, string> taken,
        IReadOnlyCollection<string> owned, ApplicationEntry? observed, IReadOnlyDictionary<string, MicroserviceProblem>? missing = null)
    {
        var problems = new ApplicationProblems(name);
        foreach (var (child, owner) in taken)
            problems.Add(child, new(Reasons.NameTaken, $"{child} belongs to {owner}, which was created earlier", IsFinal: true));
        var microservices = spec.Microservices ?? [];
        for (var i = 0; i < microservices.Count; i++)
        {
            var child = ApplicationPlan.MicroserviceChild(microservices[i].Name!);
            var unfit = MicroserviceProblem.OfAgent(microservices[i], $"spec.microservices[{i}]", agents.GetValueOrDefault(microservices[i].Agent!.Name));
            if (!taken.ContainsKey(child) && (unfit ?? missing?.GetValueOrDefault(microservices[i].Name!)) is { } problem)
                problems.Add(child, problem);
        }

        foreach (var route in (spec.Routes ?? []).Where(route => !taken.ContainsKey(ApplicationPlan.RouteChild(route.NameOrDefault))))
            problems.AddRoute(spec, route, owned, observed);
        return problems;
    }

    /// <summary>A step was refused.</summary>
    /// <returns>False for what has nothing to do with the spec.</returns>
    public bool Add(ApplicationSpec spec, ApplicationStep step, ControllerException refusal)
    {
        if (step is ApplicationStep.CreateRoute(var route, _, _))
        {
            Add(ApplicationPlan.RouteChild(route), new(ApplicationReasons.PairTaken, $"Route {route}: {refusal.Message}"));
            return true;
        }

        var name = step switch
        {
            ApplicationStep.CreateMicroservice(var created, _) => created,
            ApplicationStep.UpdateMicroservice(var updated, _, _) => updated,
            _ => null,
        };
        if (MicroserviceProblem.Of(refusal, name is null ? "spec" : PathOf(spec, name), spec.Microservices?.FirstOrDefault(microservice => microservice.Name == name)) is not { } problem)
            return false;

        // What is declared here as well comes in this turn or with the next one, not by itself.
        var isOwn = spec.Microservices?.Any(microservice => problem.WaitingFor == WaitingFor.On(Kinds.Microservice, $"{application}/{microservice.Name}")) == true;
        Add(name is null ? "" : ApplicationPlan.MicroserviceChild(name), isOwn ? problem with { WaitingFor = null } : problem);
        return true;
    }

    /// <summary>What is still to be done after all was done.</summary>
    public void AddKept(IReadOnlyList<ApplicationStep> left)
    {
        foreach (var step in left)
        {
            var what = step switch
            {
                ApplicationStep.UpdateMicroservice(var name, _, var write) => $"{write.What} of microservice {name}",
                ApplicationStep.CreateMicroservice(var name, _) => $"microservice {name}",
                ApplicationStep.CreateRoute(var name, _, _) => $"route {name}",
                ApplicationStep.Update(_, var fields) => string.Join(", ", fields.Select(field => field.Key)),
                _ => null,
            };
            if (what is not null)
                all.Add(new(MicroserviceProblem.NotKept, $"The Controller took the change and does not hold it: {what}"));
        }
    }

    // An end that nobody declares here is an object of its own, or has just to come.
    private void AddRoute(ApplicationSpec spec, ApplicationRoute route, IReadOnlyCollection<string> owned, ApplicationEntry? observed)
    {
        var child = ApplicationPlan.RouteChild(route.NameOrDefault);
        foreach (var end in new[] { route.From, route.To })
        {
            if (observed?.Microservices?.Any(microservice => microservice.Name == end) == true)
                continue;
            if (spec.Microservices?.Any(microservice => microservice.Name == end) == true && !untouched.Contains(ApplicationPlan.MicroserviceChild(end)))
                continue;
            Add(child, new(
                Reasons.WaitingForDependency,
                $"The microservice {end} is not in the application {application} yet",
                WaitingFor: WaitingFor.On(Kinds.Microservice, $"{application}/{end}")));
            return;
        }

        // One of our own goes in this very turn and makes room.
        if (ApplicationPlan.HolderOf(route, observed?.Routes) is { } holder
            && !owned.Contains(ApplicationPlan.RouteChild(holder.Name)) && !spec.Routes!.Any(other => other.NameOrDefault == holder.Name))
            Add(child, new(ApplicationReasons.PairTaken, $"The route {holder.Name} leads from {route.From} to {route.To} already, and the Controller has one for a pair"));
    }

    private void Add(string child, MicroserviceProblem problem)
    {
        all.Add(problem);
        untouched.Add(child);
    }

    private static string PathOf(ApplicationSpec spec, string name) =>
        $"spec.microservices[{spec.Microservices!.Select(microservice => microservice.Name).ToList().IndexOf(name)}]";
}
