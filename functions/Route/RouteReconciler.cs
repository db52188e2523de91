using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Routes;

/// <summary>Keeps one route in the Controller as its object says.</summary>
public sealed class RouteReconciler(KubernetesApi api, ControllerConnection connection) : IReconciler<RouteSpec, RouteStatus>
{
    public async Task<Outcome> ReconcileAsync(Turn<RouteSpec, RouteStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec is not { Application: { } application, From: { } from, To: { } to })
            return Outcome.Refused(RouteReasons.Invalid, "spec.application, spec.from and spec.to are needed");

        var name = NameOf(turn);
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (await controller.FindApplicationAsync(application, cancellationToken) is not { } found)
            return Outcome.Wait(WaitingFor.On(Kinds.Application, application), $"The application {application} is not there yet");
        foreach (var end in new[] { from, to })
        {
            if (found.Microservices?.Any(microservice => microservice.Name == end) != true)
                return Outcome.Wait(WaitingFor.On(Kinds.Microservice, $"{application}/{end}"), $"The microservice {end} is not in the application {application} yet");
        }

        var plan = RoutePlan.Of(name, from, to, found.Routes, turn.Status.Application == application ? turn.Status.Name : null);
        if (plan.Present is { } present && await IsWantedAsync(turn, application, present, cancellationToken)
            && !await GiveUpAsync(controller, turn, application, name, present, cancellationToken))
            return Outcome.Continue("The route makes room");
        if (plan.Holder is { } holder)
            return Outcome.Later(RouteReasons.PairTaken, $"The route {holder} leads from {from} to {to} already, and the Controller has one for a pair");
        if (!await LeaveAsync(controller, turn, application, name, cancellationToken))
            return Outcome.Continue("The route is moving");
        try
        {
            if (!await CarryOutAsync(controller, turn, plan, application, name, cancellationToken))
                return Outcome.Continue("The route is being set up");
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(RouteReasons.Invalid, e.Message);
        }
        catch (ControllerException e) when (e.IsTaken)
        {
            // Somebody else was faster: the next look shows it, and whether it is the same.
            return Outcome.Later(RouteReasons.PairTaken, e.Message);
        }

        var route = await controller.FindRouteAsync(application, name, cancellationToken);
        if (route is null)
            return Outcome.Later(RouteReasons.NotKept, "The route was created and is gone again");
        turn.Status = turn.Status with { Application = application, Name = name, SourceUuid = route.SourceMicroserviceUuid, DestinationUuid = route.DestMicroserviceUuid };
        return Outcome.Settled(Readiness.True(RouteReasons.Connected, $"From {from} to {to}"));
    }

    public async Task<Outcome> DeleteAsync(Turn<RouteSpec, RouteStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec?.Application is not { } application || await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (!await LeaveAsync(controller, turn, application, NameOf(turn), cancellationToken))
            return Outcome.Continue("The route is being deleted");
        if (await controller.FindRouteAsync(application, NameOf(turn), cancellationToken) is null)
            return Outcome.Gone;
        if (!await turn.TryActAsync(token => controller.DeleteRouteAsync(application, NameOf(turn), token), cancellationToken))
            return Outcome.Continue("The route is being deleted");
        turn.Tell(RouteReasons.Deleted, $"Deleted route {NameOf(turn)}");
        return Outcome.Gone;
    }

    /// <summary>Whether another route is to lead where this one leads and is not to: two that change places would else wait for each other for ever.</summary>
    private async Task<bool> IsWantedAsync(Turn<RouteSpec, RouteStatus> turn, string application, RouteEntry present, CancellationToken cancellationToken)
    {
        var routes = (await api.ListAsync(Kinds.Route, turn.Key.Namespace, cancellationToken))
            .Where(item => item["metadata"]!["uid"]!.GetValue<string>() != turn.Resource.Metadata.Uid && item["spec"]?["application"]?.GetValue<string>() == application)
            .Select(item => item["spec"]);
        var declared = (await api.ListAsync(Kinds.Application, turn.Key.Namespace, cancellationToken))
            .Where(item => EntryName.Of(item) == application)
            .SelectMany(item => item["spec"]?["routes"] as JsonArray ?? []);
        return routes.Concat(declared).Any(route => route?["from"]?.GetValue<string>() == present.From && route["to"]?.GetValue<string>() == present.To);
    }

    /// <returns>False when the turn's budget is spent.</returns>
    private static async Task<bool> GiveUpAsync(
        ControllerClient controller, Turn<RouteSpec, RouteStatus> turn, string application, string name, RouteEntry present, CancellationToken cancellationToken)
    {
        if (present.Name != name)
            return await LeaveAsync(controller, turn, application, name, cancellationToken);
        if (!await turn.TryActAsync(token => controller.DeleteRouteAsync(application, name, token), cancellationToken))
            return false;
        turn.Tell(RouteReasons.Deleted, $"Deleted route {name}: another one is to lead from {present.From} to {present.To}");
        return true;
    }

    /// <summary>Deletes what the object stood for under another name or in another application.</summary>
    /// <returns>False when the turn's budget is spent.</returns>
    private static async Task<bool> LeaveAsync(
        ControllerClient controller, Turn<RouteSpec, RouteStatus> turn, string application, string name, CancellationToken cancellationToken)
    {
        if (turn.Status is not { Application: { } formerApplication, Name: { } formerName }
            || (formerApplication == application && formerName == name)
            || await controller.FindRouteAsync(formerApplication, formerName, cancellationToken) is not { } former
            || !IsOurs(former, turn.Status))
            return true;
        if (!await turn.TryActAsync(token => controller.DeleteRouteAsync(formerApplication, formerName, token), cancellationToken))
            return false;
        turn.Tell(RouteReasons.Deleted, $"Deleted route {formerName} of {formerApplication}");
        return true;
    }

    // Another object may have taken the name over meanwhile.
    private static bool IsOurs(RouteEntry former, RouteStatus status) =>
        status.SourceUuid is null || (former.SourceMicroserviceUuid == status.SourceUuid && former.DestMicroserviceUuid == status.DestinationUuid);

    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<RouteSpec, RouteStatus> turn, RoutePlan plan, string application, string name, CancellationToken cancellationToken)
    {
        if (plan.Delete)
        {
            if (!await turn.TryActAsync(token => controller.DeleteRouteAsync(application, name, token), cancellationToken))
                return false;
            turn.Tell(RouteReasons.Deleted, $"Deleted route {name}, which led elsewhere");
        }

        if (plan.Create)
        {
            var (from, to) = (turn.Resource.Spec!.From!, turn.Resource.Spec.To!);
            if (!await turn.TryActAsync(token => controller.CreateRouteAsync(application, name, from, to, token), cancellationToken))
                return false;
            turn.Tell(RouteReasons.Created, $"Created route {name}");
        }

        return true;
    }

    private static string NameOf(Turn<RouteSpec, RouteStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
