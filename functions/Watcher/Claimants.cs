namespace IoFog.Operator.Watcher;

/// <summary>The objects that claim each entry of the Controller. Nearly always it is one, which costs no list.</summary>
internal sealed class Claimants
{
    private readonly Dictionary<ulong, object> all = [];

    /// <summary>Those of an entry that has several; null of any other.</summary>
    public IReadOnlyList<Row>? SeveralOf(ulong entry) => all.GetValueOrDefault(entry) as List<Row>;

    /// <summary>Those of an entry.</summary>
    public IReadOnlyList<Row> Of(ulong entry) => all.GetValueOrDefault(entry) switch
    {
        Row row => [row],
        List<Row> rows => rows,
        _ => [],
    };

    /// <returns>All, where there are several now.</returns>
    public IReadOnlyList<Row> Add(ulong entry, Row row)
    {
        switch (all.GetValueOrDefault(entry))
        {
            case List<Row> rows:
                rows.Add(row);
                return rows;
            case Row first:
                List<Row> both = [first, row];
                all[entry] = both;
                return both;
            default:
                all[entry] = row;
                return [];
        }
    }

    /// <returns>Those that are left.</returns>
    public IReadOnlyList<Row> Remove(ulong entry, Row row)
    {
        switch (all.GetValueOrDefault(entry))
        {
            case List<Row> rows when rows.Remove(row):
                if (rows.Count == 1)
                    all[entry] = rows[0];
                return rows;
            case Row only when only == row:
                all.Remove(entry);
                return [];
            default:
                return [];
        }
    }
}
