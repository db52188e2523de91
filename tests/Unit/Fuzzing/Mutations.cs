using System.Text;
using CsCheck;

namespace IoFog.Operator.Unit.Fuzzing;

/// <summary>Texts of the corpus with random damage.</summary>
internal static class Mutations
{
    private static readonly string[] Tokens =
        ["{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-1", "1e999", "99999999999999999999", "\"\\ud800\"", "\"\"", "{}", "[]", "\n", "\0", "\u00ff"];

    /// <summary>Every text in one folder of the corpus, whole and damaged.</summary>
    public static Gen<byte[]> Of(string folder)
    {
        var corpus = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Corpus", folder)).Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes).ToArray();
        return from text in Gen.Int[0, corpus.Length - 1].Select(i => corpus[i])
               from other in Gen.Int[0, corpus.Length - 1].Select(i => corpus[i])
               from damages in Gen.Select(Gen.Int[0, 6], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Int[0, 255]).Array[0, 5]
               select damages.Aggregate(text, (now, damage) => Damage(now, other, damage.Item1, damage.Item2, damage.Item3, damage.Item4));
    }

    private static byte[] Damage(byte[] text, byte[] other, int how, double from, double to, int value)
    {
        var (a, b) = ((int)(text.Length * from), (int)(text.Length * to));
        (a, b) = a < b ? (a, b) : (b, a);
        return how switch
        {
            0 when a < text.Length => [.. text[..a], (byte)value, .. text[(a + 1)..]],
            1 => [.. text[..a], .. text[b..]],
            2 => [.. text[..b], .. text[a..]],
            3 => [.. text[..a], .. Encoding.UTF8.GetBytes(Tokens[value % Tokens.Length]), .. text[a..]],
            4 => text[..a],
            5 => [.. text[..a], .. other.AsSpan(Math.Min(b, other.Length))],
            6 when b - a < 2000 => [.. text[..a], .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Tokens[value % Tokens.Length], 200))), .. text[a..]],
            _ => text,
        };
    }
}
