using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Kubernetes;

/// <summary>
/// Events (events.k8s.io/v1) about custom resources. An Event's name is derived from object, reason and note, so that an app
/// without memory raises the count of the one that is there.
/// </summary>
public sealed class KubernetesEvents(KubernetesApi api, TimeProvider time)
{
    private const string MicroTime = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"; // the API server wants all six digits
    /// <summary>Bytes: the API server counts no characters.</summary>
    private const int LongestNote = 1024;

    /// <param name="kind">Of the object.</param>
    /// <param name="metadata">Of the object.</param>
    /// <param name="warning">True for <c>Warning</c>, else <c>Normal</c>.</param>
    /// <param name="reason">One CamelCase word.</param>
    /// <param name="note">Cut at 1 KiB; never a secret.</param>
    public async Task WriteAsync(
        Kind kind, Metadata metadata, bool warning, string reason, string note, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(note);
        note = Cut(note);
        var name = $"{metadata.Name}.{Seen.Hash($"{metadata.Uid}/{reason}/{note}"):x16}";
        var now = time.GetUtcNow().UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture);
        var collection = $"apis/events.k8s.io/v1/namespaces/{metadata.Namespace}/events";
        try
        {
            await api.CreateAsync(collection, Make(), KubernetesJson.Default.JsonObject, cancellationToken);
        }
        catch (KubernetesException e) when (e.Code == HttpStatusCode.Conflict)
        {
            await RaiseAsync($"{collection}/{name}", now, cancellationToken);
        }

        JsonObject Make() => new()
        {
            ["apiVersion"] = "events.k8s.io/v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = metadata.Namespace },
            ["eventTime"] = now,
            ["type"] = warning ? "Warning" : "Normal",
            ["reason"] = reason,
            ["action"] = "Reconcile",
            ["note"] = note,
            ["reportingController"] = "iofog.org/operator",
            ["reportingInstance"] = Environment.MachineName,
            ["regarding"] = new JsonObject
            {
                ["apiVersion"] = Kind.ApiVersion,
                ["kind"] = kind.Name,
                ["name"] = metadata.Name,
                ["namespace"] = metadata.Namespace,
                ["uid"] = metadata.Uid,
            },
        };
    }

    private static string Cut(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= LongestNote)
            return note;
        var (bytes, length) = (0, 0);
        foreach (var rune in note.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > LongestNote)
                break;
            length += rune.Utf16SequenceLength;
        }

        return note[..length];
    }

    private async Task RaiseAsync(string path, string now, CancellationToken cancellationToken)
    {
        var last = await api.FindAsync(path, KubernetesJson.Default.JsonObject, cancellationToken);
        if (last is null)
            return; // it expired between the two requests, and with it what it told
        var count = last["series"]?["count"]?.GetValue<int>() ?? 1;
        var patch = new JsonObject { ["series"] = new JsonObject { ["count"] = count + 1, ["lastObservedTime"] = now } };
        await api.MergePatchAsync(path, JsonSerializer.SerializeToUtf8Bytes(patch, KubernetesJson.Default.JsonObject), cancellationToken);
    }
}
