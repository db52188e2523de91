namespace IoFog.Operator;

/// <summary>Names on the wire that more than one part of the operator uses.</summary>
public static class Names
{
    /// <summary>Holds an object until its outside is clean.</summary>
    public const string Finalizer = "iofog.org/operator";

    /// <summary>Annotation: <c>"true"</c> stops all work on an object; a paused object that is deleted is let go of untouched.</summary>
    public const string Paused = "iofog.org/paused";

    /// <summary>Prefix of annotations by which somebody asks for a one-off: <c>request.iofog.org/reconcile</c>. A new value is a new request.</summary>
    public const string RequestPrefix = "request.iofog.org/";

    /// <summary>Field manager of everything that the operator applies.</summary>
    public const string FieldManager = "iofog-operator";

    /// <summary>Field manager of the finalizer alone, so that others' finalizers stay.</summary>
    public const string FinalizerManager = "iofog-operator-finalizer";

    /// <summary>Label on every owned object, with <see cref="ManagedBy"/> as its value.</summary>
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";

    /// <summary>The value of <see cref="ManagedByLabel"/>.</summary>
    public const string ManagedBy = "iofog-operator";

    /// <summary>Condition: the Controller, or the cluster, holds what the spec says.</summary>
    public const string Synced = "Synced";

    /// <summary>Condition: and it works.</summary>
    public const string Ready = "Ready";

    /// <summary>Condition, only while true: there is more to do (kstatus).</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>Condition, only while true: nothing happens until the spec changes (kstatus).</summary>
    public const string Stalled = "Stalled";
}
