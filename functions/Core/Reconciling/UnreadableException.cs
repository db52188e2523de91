namespace IoFog.Operator.Reconciling;

/// <summary>An object is valid for the API server, but not to be read here: nested too deeply, or of another version's types.</summary>
/// <param name="watched">What decides whether it is due.</param>
/// <param name="resourceVersion">Of what was read.</param>
/// <param name="requests">The values of its request annotations, by name.</param>
/// <param name="finalizers">All that it has.</param>
/// <param name="path">Where reading ended, as <c>$.spec.config</c>.</param>
internal sealed class UnreadableException(Watched watched, string resourceVersion, IReadOnlyDictionary<string, string> requests, IReadOnlyList<string> finalizers, string path)
    : Exception($"the object can't be read at {path}: nested too deeply, or made for another version of the operator")
{
    public Watched Watched => watched;

    public string ResourceVersion => resourceVersion;

    public IReadOnlyDictionary<string, string> Requests => requests;

    public IReadOnlyList<string> Finalizers => finalizers;
}
