using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.CatalogItems;

/// <summary>Keeps one item of the catalog in the Controller as its object says.</summary>
public sealed class CatalogItemReconciler(ControllerConnection connection) : IReconciler<CatalogItemSpec, CatalogItemStatus>
{
    public async Task<Outcome> ReconcileAsync(Turn<CatalogItemSpec, CatalogItemStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (CatalogItemPlan.Problem(turn.Resource.Spec) is { } problem)
            return Outcome.Refused(CatalogItemReasons.Invalid, problem);

        var (spec, name) = (turn.Resource.Spec!, NameOf(turn));
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (await new ImageSources(controller).FindRegistryAsync(spec.Registry, cancellationToken) is not { } registry)
            return Outcome.Wait(WaitingFor.On(Kinds.Registry, spec.Registry!), $"The registry {spec.Registry} is not there yet");
        var own = CatalogItemPlan.Find(name, turn.Status, await controller.ListCatalogItemsAsync(cancellationToken));
        if (own is { Publisher: CatalogItemEntry.Vendor })
            return Outcome.Refused(CatalogItemReasons.SystemItem, $"spec.name: {name} is an item that comes with the Controller, and nobody can change it");
        var steps = CatalogItemPlan.Of(name, spec, registry, own);
        try
        {
            foreach (var step in steps)
            {
                if (!await CarryOutAsync(controller, turn, step, cancellationToken))
                    return Outcome.Continue("The catalog item is being set up");
            }
        }
        catch (ControllerException e) when (e.IsNotFound && own is not null && own.Id != turn.Status.Id)
        {
            // Another user's: its name is no obstacle.
            if (!await CarryOutAsync(controller, turn, new CatalogItemStep.Create(CatalogItemPlan.Body(name, spec, registry)), cancellationToken))
                return Outcome.Continue("The catalog item is being set up");
        }
        catch (ControllerException e) when (ProblemOf(e, name) is { } refused)
        {
            return refused;
        }

        if (steps.Count > 0)
            own = CatalogItemPlan.Find(name, turn.Status, await controller.ListCatalogItemsAsync(cancellationToken));
        if (own is null)
            return Outcome.Later(CatalogItemReasons.NotKept, "The catalog item was created and is gone again");
        turn.Adopt();
        turn.Status = turn.Status with { Id = own.Id, Name = own.Name, RegistryId = own.RegistryId };

        // Said to be done and not done: without this, every look would find the difference and write again.
        return steps.Count > 0 && CatalogItemPlan.Of(name, spec, registry, own).Count > 0
            ? Outcome.Later(CatalogItemReasons.NotKept, "The Controller took the change and does not hold it")
            : Outcome.Settled(Readiness.True(CatalogItemReasons.Available, $"Microservices may name it, or its id {own.Id}"));
    }

    public async Task<Outcome> DeleteAsync(Turn<CatalogItemSpec, CatalogItemStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (CatalogItemPlan.Find(NameOf(turn), turn.Status, await controller.ListCatalogItemsAsync(cancellationToken)) is not { } own)
            return Outcome.Gone;
        try
        {
            if (!await turn.TryActAsync(token => controller.DeleteCatalogItemAsync(own.Id, token), cancellationToken))
                return Outcome.Continue("The catalog item is being deleted");
        }
        catch (ControllerException e) when (e.IsInUse)
        {
            return Outcome.Later(CatalogItemReasons.InUse, $"There are microservices of the catalog item {own.Id} still: {e.Message}");
        }

        turn.Tell(CatalogItemReasons.Deleted, $"Deleted catalog item {own.Name} with the id {own.Id}");
        return Outcome.Gone;
    }

    private static Outcome? ProblemOf(ControllerException refusal, string name) =>
        refusal.Message.Contains("running microservices", StringComparison.Ordinal)
            ? Outcome.Later(CatalogItemReasons.InUse, $"spec.x86, spec.arm: images change only while no microservice of the item runs: {refusal.Message}")
        : refusal.IsNotFound ? Outcome.Later(CatalogItemReasons.RegistryMissing, $"spec.registry: {refusal.Message}")
        : refusal.IsTaken ? Outcome.Later(Reasons.NameTaken, $"spec.name: the Controller has another {name}")
        : refusal.IsFinal ? Outcome.Refused(CatalogItemReasons.Invalid, refusal.Message)
        : null;

    /// <returns>False when the turn's budget is spent.</returns>
    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<CatalogItemSpec, CatalogItemStatus> turn, CatalogItemStep step, CancellationToken cancellationToken)
    {
        var id = 0L;
        if (!await turn.TryActAsync(
            async token =>
            {
                if (step is CatalogItemStep.Create(var body))
                    id = await controller.CreateCatalogItemAsync(body, token);
                else if (step is CatalogItemStep.Update(var own, var fields))
                    await controller.UpdateCatalogItemAsync(id = own, fields, token);
            },
            cancellationToken))
            return false;
        var (reason, told) = step is CatalogItemStep.Update update
            ? (CatalogItemReasons.Updated, $"Updated {string.Join(", ", update.Fields.Select(field => field.Key))}")
            : (CatalogItemReasons.Created, $"Created catalog item {id}");
        turn.Tell(reason, told);

        // Known at once: by its name alone it could be another user's.
        turn.Status = turn.Status with { Id = id };
        return true;
    }

    private static string NameOf(Turn<CatalogItemSpec, CatalogItemStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
