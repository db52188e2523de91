namespace IoFog.Operator;

/// <summary>The namespace and name of an object; together with its kind they find it, with its uid they identify it.</summary>
public readonly record struct ResourceKey(string Namespace, string Name)
{
    /// <summary>Reads <c>namespace/name</c>.</summary>
    /// <returns>False when the text has another form.</returns>
    public static bool TryParse(string? text, out ResourceKey key)
    {
        key = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash <= 0 || slash == text!.Length - 1 || text.IndexOf('/', slash + 1) >= 0)
            return false;
        key = new(text[..slash], text[(slash + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
