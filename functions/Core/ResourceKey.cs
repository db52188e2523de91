namespace IoFog.Operator;

/// <summary>The namespace and name of an object; together with its kind they find it, with its uid they identify it.</summary>
public readonly record struct ResourceKey(string Namespace, string Name)
{
    private const int LongestName = 253;

    /// <summary>Reads <c>namespace/name</c>. Both become parts of paths, so they must be what Kubernetes calls a name.</summary>
    /// <returns>False when the text has another form.</returns>
    public static bool TryParse(string? text, out ResourceKey key)
    {
        key = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0 || !IsName(text.AsSpan(0, slash)) || !IsName(text.AsSpan(slash + 1)))
            return false;
        key = new(text![..slash], text[(slash + 1)..]);
        return true;
    }

    // RFC 1123: lower-case letters, digits, hyphens and dots; letters or digits around each dot and at both ends.
    private static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > LongestName)
            return false;
        var last = '.';
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && (last is '.' || c is not ('-' or '.')))
                return false;
            if (c is '.' && last is '-')
                return false;
            last = c;
        }

        return last is not ('-' or '.');
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
