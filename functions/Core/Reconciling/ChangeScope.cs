using System.Collections;
using IoFog.Operator.Changes;

namespace IoFog.Operator.Reconciling;

/// <summary>What every log line about a change carries.</summary>
internal sealed class ChangeScope(Change change) : IReadOnlyList<KeyValuePair<string, object?>>
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

    public int Count => members.Length;

    public KeyValuePair<string, object?> this[int index] => members[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => members.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"{change.Kind} {change.Key}";
}
