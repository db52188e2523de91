using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Microservices;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Applications;

/// <summary>Keeps one application in the Controller as its object says.</summary>
public sealed class ApplicationReconciler(KubernetesApi api, ControllerConnection connection, ChildOwners owners) : IReconciler<ApplicationSpec, ApplicationStatus>
{
    /// <summary>An application with more is emptied first: deleting it whole takes longer than a write may.</summary>
    private const int MostDeletedWhole = 100;

    public async Task<Outcome> ReconcileAsync(Turn<ApplicationSpec, ApplicationStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var spec = turn.Resource.Spec ?? new();
        if (ApplicationRules.Broken(spec) is { } broken)
            return Outcome.Refused(ApplicationReasons.Invalid, broken);

        var name = NameOf(turn);
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var observed = await FindAsync(controller, turn, name, cancellationToken);
        if (observed is not null && observed.Name != name && await controller.FindApplicationAsync(name, cancellationToken) is { } holder)
            return await ExchangeNamesAsync(controller, turn, observed, name, holder, cancellationToken);
        if (spec.Template is not null)
            return await InstantiateAsync(controller, turn, name, spec, observed, cancellationToken);

        var agents = await FindAgentsAsync(controller, spec, cancellationToken);
        (spec, var missing) = await ResolveAsync(controller, spec, cancellationToken);
        var taken = await owners.FindAsync(turn, name, ApplicationPlan.ChildrenOf(spec), cancellationToken);
        var owned = turn.Status.Children ?? [];
        var problems = ApplicationProblems.Of(spec, name, agents, taken, owned, observed, missing);
        string[] own = [.. ApplicationPlan.ChildrenOf(spec).Except(taken.Keys)];
        turn.Status = turn.Status with { Children = [.. owned.Union(own)], Template = null };
        var uuids = agents.ToDictionary(agent => agent.Key, agent => agent.Value.Uuid);
        var steps = ApplicationPlan.Of(name, spec, uuids, owned, observed, problems.Untouched);
        var blocked = new List<(MicroserviceSpec Spec, string Uuid)>();
        for (var done = 0; done < steps.Count; done++)
        {
            if (steps[done] is ApplicationStep.CreateRoute route && LacksAnEnd(route, steps.Take(done), problems))
                continue;
            try
            {
                if (!await CarryOutAsync(controller, turn, name, steps[done], cancellationToken))
                    return Outcome.Continue($"{done} of {steps.Count} steps are done");
            }
            catch (ControllerException e) when (problems.Add(spec, steps[done], e))
            {
                // the others can do without it
                if (steps[done] is ApplicationStep.UpdateMicroservice(var child, var uuid, _) && MicroserviceProblem.Of(e, "spec", null)?.Reason == MicroserviceProblem.PortTaken)
                    blocked.Add((spec.Microservices!.First(microservice => microservice.Name == child), uuid));
            }
        }

        foreach (var (child, uuid) in blocked)
            await PortExchange.GiveWayAsync(api, controller, turn, child, uuid, cancellationToken);
        if (steps.Count > 0)
            observed = await controller.FindApplicationAsync(name, cancellationToken);
        if (observed is null)
            return Outcome.Later(MicroserviceProblem.NotKept, "The application was created and is gone again");
        var declared = (spec.Microservices ?? []).Select(microservice => microservice.Name!).ToHashSet();
        MicroserviceEntry[] shown = [.. (observed.Microservices ?? []).Where(entry => declared.Contains(entry.Name) && !taken.ContainsKey(ApplicationPlan.MicroserviceChild(entry.Name)))];
        Show(turn, observed, shown, declared.Count, own);
        turn.Adopt();

        // Said to be done and not done: without this, every look would find the difference and write again.
        if (steps.Count > 0)
            problems.AddKept(ApplicationPlan.Of(name, spec, uuids, own, observed, problems.Untouched));
        return problems.Outcome ?? Outcome.Settled(ReadinessOf(observed, shown, declared.Count));
    }

    public async Task<Outcome> DeleteAsync(Turn<ApplicationSpec, ApplicationStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (await FindAsync(controller, turn, NameOf(turn), cancellationToken) is not { } own)
            return Outcome.Gone;
        if (await RemoveAsync(controller, turn, own, cancellationToken) is { } unfinished)
            return unfinished;
        var others = ApplicationPlan.ForeignIn(own, turn.Status.Children ?? []);
        turn.Tell(
            ApplicationReasons.Deleted,
            others.Count == 0 ? $"Deleted application {own.Name}" : $"Deleted application {own.Name}, and with it what others had put there: {string.Join(", ", others.Take(10))}",
            warning: others.Count > 0);
        return Outcome.Gone;
    }

    /// <returns>Null when it is gone.</returns>
    private static async Task<Outcome?> RemoveAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, ApplicationEntry own, CancellationToken cancellationToken)
    {
        var microservices = own.Microservices ?? [];
        for (var done = 0; done < microservices.Count - MostDeletedWhole; done++)
        {
            var uuid = microservices[done].Uuid;
            if (!await turn.TryActAsync(token => controller.DeleteMicroserviceAsync(uuid, token), cancellationToken))
                return Outcome.Continue($"{microservices.Count - done} microservices are still to be deleted");
        }

        return await turn.TryActAsync(token => controller.DeleteApplicationAsync(own.Id, token), cancellationToken) ? null : Outcome.Continue("The application is being deleted");
    }

    private static async Task<Outcome> InstantiateAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, string name, ApplicationSpec spec, ApplicationEntry? observed,
        CancellationToken cancellationToken)
    {
        var (template, instance, owned) = (spec.Template!, turn.Status.Template, turn.Status.Children ?? []);
        var steps = ApplicationPlan.OfTemplate(name, spec, owned, instance, observed);
        if (steps.Any(step => step is ApplicationStep.Create or ApplicationStep.Instantiate))
        {
            if (await FindTemplateProblemAsync(controller, template, cancellationToken) is { } problem)
                return problem;

            // Until the Controller has answered, whatever is in the application comes from a try of ours.
            if (instance is not { Content: null } && ApplicationPlan.ForeignIn(observed, owned) is { Count: > 0 } foreign)
                return Outcome.Later(ApplicationReasons.TemplateBlocked, $"Making the application anew from its template would delete what others have put there: {string.Join(", ", foreign.Take(10))}");
            turn.Status = turn.Status with { Template = new(ApplicationInstance.FingerprintOf(template), null) };
        }

        try
        {
            for (var done = 0; done < steps.Count; done++)
            {
                if (!await CarryOutAsync(controller, turn, name, steps[done], cancellationToken))
                    return Outcome.Continue($"{done} of {steps.Count} steps are done");
            }
        }
        catch (ControllerException e) when (MicroserviceProblem.Of(e, "spec.template", null) is { } refused)
        {
            // What the template makes can change there, so that nothing is final.
            return (refused with { IsFinal = false }).Outcome;
        }

        if (steps.Count > 0)
            observed = await controller.FindApplicationAsync(name, cancellationToken);
        if (observed is null)
            return Outcome.Later(MicroserviceProblem.NotKept, "The application was created and is gone again");
        if (steps.Any(step => step is ApplicationStep.Create or ApplicationStep.Instantiate))
        {
            turn.Status = turn.Status with
            {
                Template = new(ApplicationInstance.FingerprintOf(template), ApplicationInstance.ContentOf(observed)),
                Children = ApplicationPlan.ChildrenOf(observed),
            };
        }

        var children = turn.Status.Children ?? [];
        MicroserviceEntry[] shown = [.. (observed.Microservices ?? []).Where(entry => children.Contains(ApplicationPlan.MicroserviceChild(entry.Name)))];
        Show(turn, observed, shown, shown.Length, children);
        return ApplicationInstance.BrokenOf(observed) is { Count: > 0 } fields
            ? Outcome.Settled(Readiness.False(ApplicationReasons.TemplateBroken, $"The template {template.Name} rendered errors into {string.Join(", ", fields)}"))
            : Outcome.Settled(ReadinessOf(observed, shown, shown.Length));
    }

    /// <returns>Why no application can be made of a template; null when one can.</returns>
    private static async Task<Outcome?> FindTemplateProblemAsync(ControllerClient controller, ApplicationTemplate template, CancellationToken cancellationToken)
    {
        if (await controller.FindTemplateAsync(template.Name, cancellationToken) is not { } entry)
            return Outcome.Wait(
                WaitingFor.On(Kinds.ApplicationTemplate, template.Name), $"spec.template.name: the application template {template.Name} is not there yet", ApplicationReasons.TemplateMissing);
        return ApplicationInstance.MissingOf(template, entry) is { Count: > 0 } missing
            ? Outcome.Later(ApplicationReasons.Invalid, $"spec.template.variables lacks {string.Join(", ", missing)}, for which the template {template.Name} has no default value")
            : null;
    }

    /// <summary>The application that the status knows, if it is there under its former name or one on the way, else the one of this name.</summary>
    private static async Task<ApplicationEntry?> FindAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, string name, CancellationToken cancellationToken)
    {
        if (turn.Status is { Name: { } former, Id: { } id } && former != name)
        {
            foreach (var known in new[] { former, NameExchange.NameOnTheWay(turn.Resource.Metadata.Uid) })
            {
                // By now the former name can be another one's.
                if (await controller.FindApplicationAsync(known, cancellationToken) is { } renamed && renamed.Id == id)
                    return renamed;
            }
        }

        return await controller.FindApplicationAsync(name, cancellationToken);
    }

    /// <summary>Nothing is done for an application whose name another one has: what is in it would be put into that one.</summary>
    private async Task<Outcome> ExchangeNamesAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, ApplicationEntry own, string name, ApplicationEntry holder, CancellationToken cancellationToken)
    {
        var uid = turn.Resource.Metadata.Uid;
        var exchange = await NameExchange.FindAsync(
            api, Kinds.Application, (turn.Key.Namespace, uid), own.Name, name, status => status["id"]?.GetValue<long>() == holder.Id, cancellationToken);
        if (exchange.IsNobodys)
            return await TakeOverAsync(controller, turn, own, holder, exchange, cancellationToken);
        if (!exchange.GivesWay)
            return exchange.Outcome;

        // Without isActivated, every agent would fetch everything again.
        var fields = new JsonObject { ["name"] = NameExchange.NameOnTheWay(uid), ["isActivated"] = own.IsActivated };
        return await turn.TryActAsync(token => controller.UpdateApplicationAsync(own.Name, fields, token), cancellationToken)
            ? exchange.Outcome
            : Outcome.Continue("The application changes its name");
    }

    /// <summary>
    /// Gives up an application for one that no object stands for, which is then found as by a new object; what the spec declares is made there.
    /// What others have put into it would go with it, or out of the other one where a template makes that anew, so that it is left to people where
    /// there is something.
    /// </summary>
    private async Task<Outcome> TakeOverAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, ApplicationEntry own, ApplicationEntry other, NameExchange exchange, CancellationToken cancellationToken)
    {
        foreach (var (name, foreign) in new[]
        {
            (own.Name, ApplicationPlan.ForeignIn(own, turn.Status.Children ?? [])),
            (other.Name, turn.Resource.Spec?.Template is null ? [] : ApplicationPlan.ForeignIn(other, [])),
        })
        {
            if (foreign.Count > 0)
                return (exchange with { Message = $"{exchange.Message}. It is not taken over, for what others have put into {name} would go: {string.Join(", ", foreign.Take(10))}" }).Outcome;
        }

        if (turn.Resource.Spec?.Template is { } template && await FindTemplateProblemAsync(controller, template, cancellationToken) is { } problem)
            return problem;
        if (await RemoveAsync(controller, turn, own, cancellationToken) is { } unfinished)
            return unfinished;
        turn.Status = turn.Status with { Id = null, Name = null, Children = null, Template = null };
        turn.Tell(ApplicationReasons.Deleted, $"Deleted application {own.Name}: the object takes over one that is there");
        return await ReconcileAsync(turn, cancellationToken);
    }

    // Its microservice was refused a moment ago.
    private static bool LacksAnEnd(ApplicationStep.CreateRoute route, IEnumerable<ApplicationStep> before, ApplicationProblems problems) =>
        before.OfType<ApplicationStep.CreateMicroservice>().Any(created =>
            (created.Name == route.From || created.Name == route.To) && problems.Untouched.Contains(ApplicationPlan.MicroserviceChild(created.Name)));

    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, string application, ApplicationStep step, CancellationToken cancellationToken)
    {
        if (step is ApplicationStep.Create(var body))
            return await CreateAsync(controller, turn, application, body, cancellationToken);
        var (reason, told) = step switch
        {
            ApplicationStep.Update(_, var fields) => (ApplicationReasons.Updated, $"Updated {string.Join(", ", fields.Select(field => field.Key))}"),
            ApplicationStep.Instantiate => (ApplicationReasons.Instantiated, "Made anew from its template"),
            ApplicationStep.DeleteRoute(var name) => (ApplicationReasons.ChildDeleted, $"Deleted route {name}"),
            ApplicationStep.DeleteMicroservice(var name, _) => (ApplicationReasons.ChildDeleted, $"Deleted microservice {name}"),
            ApplicationStep.CreateMicroservice(var name, _) => (ApplicationReasons.ChildCreated, $"Created microservice {name}"),
            ApplicationStep.UpdateMicroservice(var name, _, var write) => (ApplicationReasons.ChildUpdated, $"Updated {write.What} of microservice {name}"),
            ApplicationStep.CreateRoute(var name, _, _) => (ApplicationReasons.ChildCreated, $"Created route {name}"),
            _ => throw new InvalidOperationException($"unknown step {step.GetType().Name}"),
        };
        var acted = await turn.TryActAsync(
            token => step switch
            {
                ApplicationStep.Update(var name, var fields) => controller.UpdateApplicationAsync(name, fields, token),
                ApplicationStep.Instantiate(var content) => controller.InstantiateAsync(application, content, token),
                ApplicationStep.DeleteRoute(var name) => controller.DeleteRouteAsync(application, name, token),
                ApplicationStep.DeleteMicroservice(_, var uuid) => controller.DeleteMicroserviceAsync(uuid, token),
                ApplicationStep.CreateMicroservice(_, var content) => controller.CreateMicroserviceAsync(content, token),
                ApplicationStep.UpdateMicroservice(_, var uuid, var write) => write.CarryOutAsync(controller, uuid, token),
                ApplicationStep.CreateRoute(var name, var from, var to) => controller.CreateRouteAsync(application, name, from, to, token),
                _ => throw new InvalidOperationException($"unknown step {step.GetType().Name}"),
            },
            cancellationToken);
        if (acted)
            turn.Tell(reason, told);
        return acted;
    }

    private static async Task<bool> CreateAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, string name, JsonObject body, CancellationToken cancellationToken)
    {
        long id = 0;
        if (!await turn.TryActAsync(async token => id = await controller.CreateApplicationAsync(body, token), cancellationToken))
            return false;
        turn.Tell(ApplicationReasons.Created, $"Created application {name}");

        // The Controller lets two callers create one name. By the name only the older one can be worked on, so ours goes.
        if (await controller.FindApplicationAsync(name, cancellationToken) is not { } first || first.Id == id)
            return true;
        if (!await turn.TryActAsync(token => controller.DeleteApplicationAsync(id, token), cancellationToken))
            throw new TimeoutException("no time was left to delete a duplicate");
        turn.Tell(ApplicationReasons.DuplicateDeleted, $"Somebody else created application {name} at the same moment; the second one was deleted", warning: true);
        return true;
    }

    private static async Task<IReadOnlyDictionary<string, AgentEntry>> FindAgentsAsync(
        ControllerClient controller, ApplicationSpec spec, CancellationToken cancellationToken)
    {
        var agents = new Dictionary<string, AgentEntry>();
        foreach (var name in (spec.Microservices ?? []).Select(microservice => microservice.Agent!.Name).Distinct())
        {
            if (await controller.FindAgentsAsync(name, cancellationToken) is [var agent, ..])
                agents[name] = agent;
        }

        return agents;
    }

    /// <summary>Puts ids in the place of the registries and catalog items that microservices name.</summary>
    /// <returns>What some of them lack, by microservice.</returns>
    private static async Task<(ApplicationSpec Spec, IReadOnlyDictionary<string, MicroserviceProblem> Missing)> ResolveAsync(
        ControllerClient controller, ApplicationSpec spec, CancellationToken cancellationToken)
    {
        var sources = new ImageSources(controller);
        var microservices = new List<MicroserviceSpec>();
        var missing = new Dictionary<string, MicroserviceProblem>();
        foreach (var declared in spec.Microservices ?? [])
        {
            var (microservice, problem) = await MicroserviceSources.ResolveAsync(declared, sources, cancellationToken);
            microservices.Add(microservice);
            if (problem is not null)
                missing[declared.Name!] = problem;
        }

        return (spec with { Microservices = microservices }, missing);
    }

    private static void Show(
        Turn<ApplicationSpec, ApplicationStatus> turn, ApplicationEntry observed, MicroserviceEntry[] shown, int declared, IReadOnlyList<string> children) =>
        turn.Status = turn.Status with
        {
            Id = observed.Id,
            Name = observed.Name,
            Running = $"{shown.Count(MicroserviceReadiness.IsRunning)}/{declared}",
            Children = children is { Count: > 0 } ? children : null,
            Microservices = shown.Length == 0 ? null :
            [
                .. shown.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => new ApplicationMicroservice
                {
                    Name = entry.Name,
                    Uuid = entry.Uuid,
                    State = entry.Status?.Status,
                    ErrorMessage = entry.Status?.ErrorMessage is { Length: > 0 } message ? message : null,
                    Links = MicroserviceReadiness.LinksOf(entry) is { Count: > 0 } links ? links : null,
                }),
            ],
        };

    private static Readiness ReadinessOf(ApplicationEntry application, IReadOnlyList<MicroserviceEntry> own, int declared)
    {
        if (!application.IsActivated)
            return Readiness.False(ApplicationReasons.Stopped, "spec.isActivated is false");
        string[] others = [.. own.Where(microservice => !MicroserviceReadiness.IsRunning(microservice)).Select(microservice => $"{microservice.Name} {microservice.Status?.Status}")];
        var running = $"{own.Count - others.Length}/{declared} microservices run";
        if (own.Count == declared && others.Length == 0)
            return Readiness.True(ApplicationReasons.Running, running);
        return Readiness.False(ApplicationReasons.NotAllRunning, $"{running}: {string.Join(", ", others.Take(10))}{(others.Length > 10 ? $" and {others.Length - 10} more" : "")}");
    }

    private static string NameOf(Turn<ApplicationSpec, ApplicationStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
