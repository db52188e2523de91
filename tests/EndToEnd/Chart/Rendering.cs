using System.Text;
using System.Text.RegularExpressions;

namespace IoFog.Operator.EndToEnd.Chart;

/// <summary>What a chart renders to: its documents as text, by kind and name.</summary>
internal sealed partial class Rendering
{
    private readonly SortedDictionary<string, string> documents = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">Two documents have one kind and name.</exception>
    public static Rendering Parse(string text)
    {
        var rendering = new Rendering();
        foreach (var document in Divider().Split(text))
        {
            var content = string.Join('\n', document.Split('\n').Where(line => !line.StartsWith("# Source: ", StringComparison.Ordinal) && line.Trim().Length > 0));
            if (content.Length == 0)
                continue;
            var name = $"{KindLine().Match(content).Groups[1].Value} {NameLine().Match(content).Groups[1].Value.Trim('"')}";
            if (!rendering.documents.TryAdd(name, content))
                throw new InvalidOperationException($"{name} is rendered twice");
        }

        return rendering;
    }

    public IReadOnlyDictionary<string, string> Documents => documents;

    /// <summary>Everything but CustomResourceDefinitions, which infra/crds has; beside another rendering only the lines that differ from it.</summary>
    public string Text(Rendering? beside)
    {
        var text = new StringBuilder();
        foreach (var name in documents.Keys.Union(beside?.documents.Keys ?? Enumerable.Empty<string>()).Order(StringComparer.Ordinal))
        {
            if (name.StartsWith("CustomResourceDefinition ", StringComparison.Ordinal))
                continue;
            if (beside is null)
                text.Append("---\n").Append(documents[name]).Append('\n');
            else if (documents.GetValueOrDefault(name) is not { } content)
                text.Append("--- ").Append(name).Append(": not here\n");
            else if (beside.documents.GetValueOrDefault(name) != content)
                text.Append("--- ").Append(name).Append('\n').Append(Differences(beside.documents.GetValueOrDefault(name)?.Split('\n') ?? [], content.Split('\n')));
        }

        return text.ToString();
    }

    /// <summary>Lines that went and came, by the longest common subsequence.</summary>
    private static string Differences(string[] before, string[] after)
    {
        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var text = new StringBuilder();
        for (int i = 0, j = 0; i < before.Length || j < after.Length;)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
                (i, j) = (i + 1, j + 1);
            else if (j == after.Length || (i < before.Length && common[i + 1, j] >= common[i, j + 1]))
                text.Append("- ").Append(before[i++]).Append('\n');
            else
                text.Append("+ ").Append(after[j++]).Append('\n');
        }

        return text.ToString();
    }

    [GeneratedRegex(@"^---\s*$", RegexOptions.Multiline)]
    private static partial Regex Divider();

    [GeneratedRegex(@"^kind: (\S+)", RegexOptions.Multiline)]
    private static partial Regex KindLine();

    [GeneratedRegex(@"^  name: (\S+)", RegexOptions.Multiline)]
    private static partial Regex NameLine();
}
