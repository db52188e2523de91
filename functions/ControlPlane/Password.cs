using System.Text;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The user's password in a spec: plain, or in base64 as iofogctl writes it.</summary>
internal static class Password
{
    /// <summary>What the Controller takes.</summary>
    private const int Shortest = 8;

    /// <summary>
    /// What a text may stand for, the likelier first. Base64 is only what iofogctl can have written: the one encoding of readable text that is long
    /// enough to be a password. As such a text can still be a password itself, the Controller decides: what it knows is right.
    /// </summary>
    public static IReadOnlyList<string> Readings(string text) => Decoded(text) is { } decoded ? [decoded, text] : [text];

    /// <summary>As iofogctl writes it.</summary>
    public static string Encoded(string plain) => Convert.ToBase64String(Encoding.UTF8.GetBytes(plain));

    public static bool IsLongEnough(string plain) => plain.Length >= Shortest;

    private static string? Decoded(string text)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || Convert.ToBase64String(bytes, 0, length) != text)
            return null;
        try
        {
            var decoded = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            return IsLongEnough(decoded) && !decoded.Any(char.IsControl) ? decoded : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
