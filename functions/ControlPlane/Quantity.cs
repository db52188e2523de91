using System.Globalization;

namespace IoFog.Operator.ControlPlanes;

/// <summary>A Kubernetes quantity of bytes: <c>1Gi</c>, <c>500M</c>.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m),
        ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m), ("P", 1000000000000000m), ("m", 0.001m), ("", 1m),
    ];

    /// <returns>0 for what is none; the API server says so.</returns>
    public static decimal Read(string text)
    {
        var (suffix, factor) = Array.Find(Suffixes, suffix => text.EndsWith(suffix.Suffix, StringComparison.Ordinal));
        return decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number * factor : 0;
    }
}
