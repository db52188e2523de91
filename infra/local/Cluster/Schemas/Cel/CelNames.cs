using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>Names of fields that are words of CEL's own are written <c>__in__</c>; some characters have names likewise.</summary>
internal static partial class CelNames
{
    public static string Unescaped(string name) => Escapes().Replace(name, static found => found.Value switch
    {
        "__underscores__" => "__",
        "__dot__" => ".",
        "__dash__" => "-",
        "__slash__" => "/",
        var word => word[2..^2],
    });

    [GeneratedRegex("__(underscores|dot|dash|slash)__|^__(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)__$")]
    private static partial Regex Escapes();
}
