using IoFog.Operator.Controller;

namespace IoFog.Operator.ControlPlanes;

/// <summary>All that decides what the objects of a control plane hold.</summary>
internal sealed class ControlPlaneInputs
{
    private readonly Dictionary<string, string> revisions = new(StringComparer.Ordinal);

    public required Metadata Owner { get; init; }

    public required ControlPlaneSpec Spec { get; init; }

    /// <summary>What <c>controller-credentials</c> is to hold: what the Controller knows, which is not yet what the spec says while that is being changed.</summary>
    public required ControllerCredentials User { get; init; }

    /// <summary>Of the external database, plain.</summary>
    public string? DatabasePassword { get; init; }

    /// <summary>Null until the router has an address.</summary>
    public RouterCertificates? Certificates { get; init; }

    public required ObservedObjects Observed { get; init; }

    /// <summary>Makes the name of a new revision of a Secret.</summary>
    public required Func<string> NewRevision { get; init; }

    /// <summary>
    /// Adds the revision of a Secret's content, which pods carry as an annotation so that they start anew when it changes. It is random: a hash
    /// would tell who may read Deployments something about the secret.
    /// </summary>
    public (string Key, string Value)[] Revised(string secret, params ReadOnlySpan<(string Key, string Value)> entries)
    {
        var path = ObjectPaths.Secret(Owner.Namespace!, secret);
        var isSame = true;
        foreach (var (key, value) in entries)
            isSame &= Observed.Text(path, key) == value;
        var revision = isSame && Observed.Text(path, "revision") is { Length: > 0 } known ? known : NewRevision();
        revisions[secret] = revision;
        return [.. entries, ("revision", revision)];
    }

    /// <summary>Of a Secret that <see cref="Revised"/> has seen.</summary>
    public string RevisionOf(string secret) => revisions[secret];
}
