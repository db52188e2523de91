using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.ApplicationTemplates;

/// <summary>Keeps one template of applications in the Controller as its object says. Applications that were made of it stay as they are.</summary>
public sealed class ApplicationTemplateReconciler(ControllerConnection connection) : IReconciler<ApplicationTemplateSpec, ApplicationTemplateStatus>
{
    public async Task<Outcome> ReconcileAsync(Turn<ApplicationTemplateSpec, ApplicationTemplateStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (ApplicationTemplatePlan.Problem(turn.Resource.Spec) is { } problem)
            return Outcome.Refused(ApplicationTemplateReasons.Invalid, problem);

        var (spec, name) = (turn.Resource.Spec!, NameOf(turn));
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var sources = new Dictionary<(bool, string), long>();
        var images = new ImageSources(controller);
        foreach (var (isRegistry, source) in ApplicationTemplateBody.SourcesOf(spec).Distinct())
        {
            if (await (isRegistry ? images.FindRegistryAsync(source, cancellationToken) : images.FindCatalogItemAsync(source, cancellationToken)) is not { } id)
                return Outcome.Wait(WaitingFor.On(isRegistry ? Kinds.Registry : Kinds.CatalogItem, source), $"The {(isRegistry ? "registry" : "catalog item")} {source} is not there yet");
            sources[(isRegistry, source)] = id;
        }

        var body = ApplicationTemplateBody.Of(name, spec, (isRegistry, source) => sources[(isRegistry, source)]);
        var observed = await FindAsync(controller, turn, name, cancellationToken);
        var plan = ApplicationTemplatePlan.Of(body, observed);
        if (plan is not null)
        {
            try
            {
                if (!await turn.TryActAsync(token => controller.PutTemplateAsync(plan.Path, plan.Body, token), cancellationToken))
                    return Outcome.Continue("The template is being stored");
            }
            catch (ControllerException e) when (e.IsTaken)
            {
                return Outcome.Later(Reasons.NameTaken, $"spec.name: the Controller has another {name}");
            }
            catch (ControllerException e) when (e.IsFinal)
            {
                return Outcome.Refused(ApplicationTemplateReasons.Invalid, e.Message);
            }

            turn.Tell(ApplicationTemplateReasons.Stored, observed is null ? $"Stored template {name}" : $"Updated {plan.Because}");
            observed = await controller.FindTemplateAsync(name, cancellationToken);
        }

        if (observed is null)
            return Outcome.Later(ApplicationTemplateReasons.NotKept, "The template was stored and is gone again");
        turn.Adopt();
        turn.Status = turn.Status with { Id = observed.Id, Name = observed.Name };

        // Said to be done and not done: without this, every look would find the difference and write again.
        return plan is not null && ApplicationTemplatePlan.Of(body, observed) is { } again
            ? Outcome.Later(ApplicationTemplateReasons.NotKept, $"The Controller took the change and does not hold it: {again.Because}")
            : Outcome.Settled(Readiness.True(ApplicationTemplateReasons.Available, "Applications may be made of it"));
    }

    public async Task<Outcome> DeleteAsync(Turn<ApplicationTemplateSpec, ApplicationTemplateStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (await FindAsync(controller, turn, NameOf(turn), cancellationToken) is not { } own)
            return Outcome.Gone;
        if (!await turn.TryActAsync(token => controller.DeleteTemplateAsync(own.Name, token), cancellationToken))
            return Outcome.Continue("The template is being deleted");
        turn.Tell(ApplicationTemplateReasons.Deleted, $"Deleted template {own.Name}");
        return Outcome.Gone;
    }

    /// <summary>The template that the status knows, if it is there under its former name, else the one of this name.</summary>
    private static async Task<TemplateEntry?> FindAsync(
        ControllerClient controller, Turn<ApplicationTemplateSpec, ApplicationTemplateStatus> turn, string name, CancellationToken cancellationToken) =>
        turn.Status is { Name: { } former, Id: { } id } && former != name
            && await controller.FindTemplateAsync(former, cancellationToken) is { } renamed && renamed.Id == id
            ? renamed
            : await controller.FindTemplateAsync(name, cancellationToken);

    private static string NameOf(Turn<ApplicationTemplateSpec, ApplicationTemplateStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
