using System.Globalization;
using IoFog.Operator.Local.Host;
using Spectre.Console;

namespace IoFog.Operator.Local;

/// <summary>Shows the stack: a live table on a terminal, plain lines elsewhere.</summary>
internal sealed class Screen(TimeProvider time)
{
    private static readonly int Widest = Kinds.All.Max(kind => kind.Name.Length);
    private readonly Dictionary<string, string> told = [];

    public static bool IsTerminal => AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;

    public Table Draw(IReadOnlyList<ObjectRow> objects, IReadOnlyList<AppState> apps)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("ioFog")
            .AddColumns("Kind", "Name", "Synced", "Ready", "Reason", "Age", "Attempts", "Next");
        foreach (var row in objects)
        {
            table.AddRow(
                row.Kind, Markup.Escape(row.Name), Colored(row.Synced), Colored(row.Ready), Markup.Escape(row.WaitingFor is { } waiting ? $"{row.Reason}: {waiting}" : row.Reason),
                Age(row.Created), row.Attempts?.ToString(CultureInfo.InvariantCulture) ?? "", Until(row.Next));
        }

        foreach (var app in apps)
            table.AddRow("app", app.Name, "", app.Instances > 0 ? $"[green]{app.Instances} running[/]" : "[grey]at zero[/]", $"{app.InWork} in work", "", "", "");
        return table;
    }

    /// <summary>One line for each object that says something else than before.</summary>
    public void Print(IReadOnlyList<ObjectRow> objects)
    {
        foreach (var row in objects)
        {
            var says = $"Synced={Or(row.Synced)} Ready={Or(row.Ready)} {row.Reason}{(row.WaitingFor is { } waiting ? $" ({waiting})" : "")}";
            if (told.GetValueOrDefault($"{row.Kind}/{row.Name}") == says)
                continue;
            told[$"{row.Kind}/{row.Name}"] = says;
            Console.WriteLine($"{time.GetLocalNow():HH:mm:ss} {row.Kind.PadRight(Widest)} {row.Name,-16} {says}");
        }
    }

    private static string Or(string text) => text.Length == 0 ? "-" : text;

    private static string Colored(string status) => status switch
    {
        "True" => "[green]True[/]",
        "False" => "[yellow]False[/]",
        _ => "[grey]-[/]",
    };

    private string Age(string created) =>
        DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, out var at) ? $"{(int)Math.Max(0, (time.GetUtcNow() - at).TotalSeconds)}s" : "";

    private string Until(string? next) =>
        DateTimeOffset.TryParse(next, CultureInfo.InvariantCulture, out var at) ? $"{(int)(at - time.GetUtcNow()).TotalSeconds}s" : "";
}
