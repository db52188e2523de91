using System.Diagnostics.CodeAnalysis;

namespace IoFog.Operator.Watcher;

/// <summary>Rows by one of their properties. A set and not a dictionary: the key is in the row already.</summary>
internal sealed class RowIndex<TKey> : IEqualityComparer<Row>, IAlternateEqualityComparer<TKey, Row>
    where TKey : struct, IEquatable<TKey>
{
    private readonly Func<Row, TKey> keyOf;
    private readonly HashSet<Row> rows;
    private readonly HashSet<Row>.AlternateLookup<TKey> lookup;

    public RowIndex(Func<Row, TKey> keyOf)
    {
        this.keyOf = keyOf;
        rows = new(this);
        lookup = rows.GetAlternateLookup<TKey>();
    }

    public IEnumerable<Row> All => rows;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out Row row) => lookup.TryGetValue(key, out row);

    public Row? Find(TKey key) => lookup.TryGetValue(key, out var row) ? row : null;

    /// <returns>False when another row has this key; that one stays.</returns>
    public bool Add(Row row) => rows.Add(row);

    public void Remove(Row row) => rows.Remove(row);

    public bool Equals(Row? one, Row? other) => ReferenceEquals(one, other) || (one is not null && other is not null && keyOf(one).Equals(keyOf(other)));

    public int GetHashCode(Row row) => keyOf(row).GetHashCode();

    public bool Equals(TKey key, Row row) => key.Equals(keyOf(row));

    public int GetHashCode(TKey key) => key.GetHashCode();

    public Row Create(TKey key) => throw new NotSupportedException("a row is not made from its key");
}
