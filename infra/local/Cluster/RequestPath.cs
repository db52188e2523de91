namespace IoFog.Operator.Local.Cluster;

/// <summary>What a path names.</summary>
internal sealed record RequestPath(string Group, string Version, string? Namespace, string Plural, string? Name, string? Subresource)
{
    /// <returns>Null when the path names no resource.</returns>
    public static RequestPath? Parse(string path)
    {
        string[] parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        var (group, version, rest) = parts switch
        {
            ["api", var v, .. var more] => ("", v, more),
            ["apis", var g, var v, .. var more] => (g, v, more),
            _ => ("", "", []),
        };
        return rest switch
        {
            ["namespaces", var name] => new(group, version, null, "namespaces", name, null),
            ["namespaces", var name, "status" or "finalize"] => new(group, version, null, "namespaces", name, rest[2]),
            ["namespaces", var space, var plural] => new(group, version, space, plural, null, null),
            ["namespaces", var space, var plural, var name] => new(group, version, space, plural, name, null),
            ["namespaces", var space, var plural, var name, var sub] => new(group, version, space, plural, name, sub),
            [var plural] => new(group, version, null, plural, null, null),
            [var plural, var name] => new(group, version, null, plural, name, null),
            [var plural, var name, var sub] => new(group, version, null, plural, name, sub),
            _ => null,
        };
    }
}
