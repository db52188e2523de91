using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>Files that are part of the program: the page, and the OpenAPI document. They hold nothing about anybody.</summary>
internal static class Page
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".json"] = "application/json",
    };

    /// <summary>The page itself, or a file of it.</summary>
    /// <exception cref="Problem">404 for what is no file of it.</exception>
    public static Task WriteAsync(HttpContext context, string? file)
    {
        // Its files are named relative to its address, so that it works behind any prefix.
        if (file is null && context.Request.Path.Value!.EndsWith('/'))
        {
            context.Response.Redirect("../ui", permanent: true);
            return Task.CompletedTask;
        }

        return WriteFileAsync(context, $"ui/{file ?? "index.html"}");
    }

    public static Task WriteFileAsync(HttpContext context, string name)
    {
        using var content = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new Problem(StatusCodes.Status404NotFound, $"There is no {name}");
        var body = new byte[content.Length];
        content.ReadExactly(body);
        return Answer.ShowAsync(context, body, Types[Path.GetExtension(name)]);
    }
}
