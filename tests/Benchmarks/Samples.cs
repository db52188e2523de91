namespace IoFog.Operator.Benchmarks;

/// <summary>What the runs of one benchmark found, by figure.</summary>
internal sealed class Samples
{
    private readonly Dictionary<string, Figure> figures = [];

    public IReadOnlyCollection<Figure> Figures => figures.Values;

    /// <summary>One value of a figure.</summary>
    /// <param name="figure">Its name.</param>
    /// <param name="unit">ms, s, MB, B, 1/s, or nothing for a count.</param>
    /// <param name="target">What it is to be, for people; empty where it is a limit that is measured beside others.</param>
    public void Add(string figure, string unit, double value, string target = "")
    {
        if (!figures.TryGetValue(figure, out var known))
            figures[figure] = known = new(figure, unit, target);
        known.Values.Add(value);
    }
}

/// <summary>All values of one figure.</summary>
internal sealed record Figure(string Name, string Unit, string Target)
{
    public List<double> Values { get; } = [];

    /// <summary>The value below which a share of all values lies.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        var sorted = Values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
