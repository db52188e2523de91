using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Registries;

/// <summary>Keeps one registry in the Controller as its object says.</summary>
public sealed class RegistryReconciler(KubernetesApi api, ControllerConnection connection) : IReconciler<RegistrySpec, RegistryStatus>
{
    public async Task<Outcome> ReconcileAsync(Turn<RegistrySpec, RegistryStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (RegistryPlan.Problem(turn.Resource.Spec) is { } problem)
            return Outcome.Refused(RegistryReasons.Invalid, problem);

        var spec = turn.Resource.Spec!;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var (password, missing) = spec.PasswordSecretRef is { } reference
            ? await reference.ReadAsync(api, turn.Key.Namespace, "spec.passwordSecretRef", cancellationToken)
            : default;
        if (missing is not null)
            return missing;
        if (Literal.FindUnkeepable(JsonValue.Create(password?.Text), "password") is not null)
            return Outcome.Later(RegistryReasons.Invalid, "spec.passwordSecretRef: the Controller takes this password for the end of a template");
        var observed = await controller.ListRegistriesAsync(cancellationToken);
        var steps = RegistryPlan.Of(spec, turn.Status, password, observed);
        try
        {
            foreach (var step in steps)
            {
                if (!await CarryOutAsync(controller, turn, step, password, cancellationToken))
                    return Outcome.Continue("The registry is being set up");
            }
        }
        catch (ControllerException e) when (e.IsInUse)
        {
            return Outcome.Later(RegistryReasons.InUse, $"{spec.Url} is there more than once, and microservices use what is to go: {e.Message}");
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(RegistryReasons.Invalid, e.Message);
        }

        if (steps.Count > 0)
            observed = await controller.ListRegistriesAsync(cancellationToken);
        if (RegistryPlan.Find(spec, turn.Status, observed) is not { } stored)
            return Outcome.Later(RegistryReasons.NotKept, "The registry was created and is gone again");
        turn.Adopt();
        turn.Status = turn.Status with { Id = stored.Id, Url = Redaction.Mask(stored.Url) };

        // Said to be done and not done: without this, every look would find the difference and write again.
        return steps.Count > 0 && RegistryPlan.Of(spec, turn.Status, password, observed).Count > 0
            ? Outcome.Later(RegistryReasons.NotKept, "The Controller took the change and does not hold it")
            : Outcome.Settled(Readiness.True(RegistryReasons.Available, $"Microservices may name it, or its id {stored.Id}"));
    }

    public async Task<Outcome> DeleteAsync(Turn<RegistrySpec, RegistryStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec is not { } spec || await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (RegistryPlan.Find(spec, turn.Status, await controller.ListRegistriesAsync(cancellationToken)) is not { } own)
            return Outcome.Gone;
        try
        {
            if (!await turn.TryActAsync(token => controller.DeleteRegistryAsync(own.Id, token), cancellationToken))
                return Outcome.Continue("The registry is being deleted");
        }
        catch (ControllerException e) when (e.IsInUse)
        {
            return Outcome.Later(RegistryReasons.InUse, $"Microservices use the registry {own.Id} still: {e.Message}");
        }

        turn.Tell(RegistryReasons.Deleted, $"Deleted registry {Redaction.Mask(own.Url)} with the id {own.Id}");
        return Outcome.Gone;
    }

    /// <returns>False when the turn's budget is spent.</returns>
    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<RegistrySpec, RegistryStatus> turn, RegistryStep step, SecretValue? password, CancellationToken cancellationToken)
    {
        var id = 0L;
        if (!await turn.TryActAsync(
            async token =>
            {
                if (step is RegistryStep.Create(var body))
                    id = await controller.CreateRegistryAsync(body, token);
                else if (step is RegistryStep.Update(var own, var fields))
                    await controller.UpdateRegistryAsync(own, fields, token);
                else if (step is RegistryStep.DeleteDuplicate(var other))
                    await controller.DeleteRegistryAsync(other, token);
            },
            cancellationToken))
            return false;
        var (reason, told) = step switch
        {
            RegistryStep.Create => (RegistryReasons.Created, $"Created registry {id}"),
            RegistryStep.Update(_, var fields) => (RegistryReasons.Updated, $"Updated {string.Join(", ", fields.Select(field => field.Key))}"),
            RegistryStep.DeleteDuplicate(var other) => (RegistryReasons.DuplicateDeleted, $"Deleted registry {other}, a duplicate"),
            _ => throw new InvalidOperationException($"unknown step {step.GetType().Name}"),
        };
        turn.Tell(reason, told, warning: step is RegistryStep.DeleteDuplicate);

        // Known at once, so that nothing is made twice when this turn does not come to its end.
        if (step is not RegistryStep.DeleteDuplicate)
            turn.Status = turn.Status with { Id = step is RegistryStep.Update update ? update.Id : id, PasswordVersion = password?.Version };
        return true;
    }
}
