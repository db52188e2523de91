using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace IoFog.Operator.Cli;

/// <summary>JSON as YAML, in the block style that kubectl prints.</summary>
internal static class YamlText
{
    public static string Of(JsonNode? node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, members.Count > 0 ? MappingStyle.Block : MappingStyle.Flow));
                foreach (var (name, value) in members)
                {
                    emitter.Emit(Text(name));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, items.Count > 0 ? SequenceStyle.Block : SequenceStyle.Flow));
                foreach (var item in items)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            default:
                emitter.Emit(node?.GetValueKind() == JsonValueKind.String ? Text(node.GetValue<string>()) : new Scalar(node?.ToJsonString() ?? "null"));
                break;
        }
    }

    // Quoted where a reader would take it for something else than a text.
    private static Scalar Text(string text) =>
        new(AnchorName.Empty, TagName.Empty, text, IsText(text) ? ScalarStyle.Any : ScalarStyle.DoubleQuoted, isPlainImplicit: true, isQuotedImplicit: true);

    private static bool IsText(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && !text.Any(char.IsControl)
        && text.ToUpperInvariant() is not ("TRUE" or "FALSE" or "NULL" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");
}
