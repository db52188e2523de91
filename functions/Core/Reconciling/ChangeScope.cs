using System.Collections;
using IoFog.Operator.Changes;

namespace IoFog.Operator.Reconciling;

/// <summary>What every log line about a change carries, in the watcher and in the apps.</summary>
public sealed class ChangeScope(Change change) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly KeyValuePair<string, object?>[] members =
    [
        new("kind", change.Kind.Name),
        new("namespace", change.Key.Namespace),
        new("name", change.Key.Name),
        new("uid", change.Uid),
        new("reason", change.Reason),
        new("traceparent", change.TraceParent),
    ];

    /// <summary>The same for the spans of a change.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> TagsOf(Change change) =>
    [
        new("iofog.kind", change.Kind.Name),
        new("k8s.namespace.name", change.Key.Namespace),
        new("iofog.name", change.Key.Name),
        new("iofog.uid", change.Uid.ToString("D")),
        new("iofog.reason", change.Reason.ToString()),
        new("iofog.turn", change.Turn),
    ];

    public int Count => members.Length;

    public KeyValuePair<string, object?> this[int index] => members[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => members.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"{change.Kind} {change.Key}";
}
