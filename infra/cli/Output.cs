using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Cli;

/// <summary>Writes for people, with colours on a terminal, or JSON or YAML for scripts.</summary>
internal sealed class Output(TextWriter writer, string format, bool coloured)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = KubernetesJson.Default,
    };

    public static bool IsColoured => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public bool IsForPeople => format is "" or "dot";

    public bool IsDot => format == "dot";

    public void Line(string text = "") => writer.WriteLine(text);

    /// <summary>In the format that was asked for.</summary>
    public void Write<T>(T content, JsonTypeInfo<T> type)
    {
        var node = JsonSerializer.SerializeToNode(content, type);
        if (format == "yaml")
            writer.Write(YamlText.Of(node));
        else
            writer.WriteLine(node?.ToJsonString(Readable) ?? "null");
    }

    /// <summary>Columns as wide as they must be; the last one is as long as it is.</summary>
    public void Table(IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<Cell>> rows)
    {
        var widths = titles.Select((title, i) => Math.Max(title.Length, rows.Select(row => row[i].Text.Length).DefaultIfEmpty().Max())).ToArray();
        Row([.. titles.Select(title => new Cell(title, Colours.Dim))]);
        foreach (var row in rows)
            Row(row);

        void Row(IReadOnlyList<Cell> cells) => writer.WriteLine(
            string.Concat(cells.Select((cell, i) => Paint(i == cells.Count - 1 ? cell.Text : cell.Text.PadRight(widths[i] + 3), cell.Colour))).TrimEnd());
    }

    public string Paint(string text, string? colour) => coloured && colour is not null ? $"\e[{colour}m{text}\e[0m" : text;

    public static Cell State(ObjectState state) => new($"{Sign(state)} {char.ToLowerInvariant(state.ToString()[0])}{state.ToString()[1..]}", Colours.Of(state));

    // What a colour says, a sign says too.
    private static char Sign(ObjectState state) => state switch
    {
        ObjectState.Ready => '✓',
        ObjectState.NotReady => '!',
        ObjectState.Waiting => '…',
        ObjectState.Refused => '✗',
        ObjectState.Paused => '‖',
        ObjectState.Deleting => '−',
        ObjectState.New => '○',
        _ => '?',
    };
}

/// <summary>A text in a colour.</summary>
internal readonly record struct Cell(string Text, string? Colour = null)
{
    public static implicit operator Cell(string? text) => new(text ?? "");
}

/// <summary>Select Graphic Rendition codes.</summary>
internal static class Colours
{
    public const string Dim = "2";
    public const string Bold = "1";

    public static string Of(ObjectState state) => state switch
    {
        ObjectState.Ready => "32",
        ObjectState.NotReady or ObjectState.Waiting => "33",
        ObjectState.Refused or ObjectState.Missing => "31",
        ObjectState.Paused => "35",
        _ => "90",
    };
}
