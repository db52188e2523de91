using System.Text;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The user's password in a spec: plain, or in base64 as iofogctl writes it.</summary>
internal static class Password
{
    /// <summary>What the Controller takes.</summary>
    private const int Shortest = 8;

    /// <summary>Decodes what can only be base64: it decodes to readable text that is long enough, and encodes to the same again.</summary>
    public static string Plain(string text)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || Convert.ToBase64String(bytes, 0, length) != text)
            return text;
        try
        {
            var decoded = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            return decoded.Length >= Shortest && !decoded.Any(char.IsControl) ? decoded : text;
        }
        catch (DecoderFallbackException)
        {
            return text;
        }
    }

    public static bool IsLongEnough(string plain) => plain.Length >= Shortest;
}
