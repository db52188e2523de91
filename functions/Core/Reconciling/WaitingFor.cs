namespace IoFog.Operator.Reconciling;

/// <summary>The values of <c>status.waitingFor</c> that name no object.</summary>
public static class WaitingFor
{
    /// <summary>The ioFog Controller does not answer.</summary>
    public const string Controller = "Controller";

    /// <summary>An object of this kind and name in the same namespace.</summary>
    public static string On(Kind kind, string name) => $"{kind}/{name}";

    /// <summary>Reads <c>Agent/zebra-1</c>.</summary>
    /// <returns>False for anything else.</returns>
    public static bool TryParse(string? text, out Kind kind, out string name)
    {
        kind = null!;
        name = "";
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash <= 0 || Kinds.Find(text![..slash]) is not { } found)
            return false;
        (kind, name) = (found, text[(slash + 1)..]);
        return name.Length > 0;
    }
}
