using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Unit.Stories;

/// <summary>
/// Answers as a Controller did. An answer is what a case says for <c>GET application/health</c>: a body; <c>{404: body}</c>; <c>down</c>, where
/// nobody answers; or a list of these for one request after the other, of which the last one stays.
/// </summary>
internal sealed class RecordedController : HttpMessageHandler
{
    private readonly Dictionary<string, Queue<JsonNode?>> answers = [];
    private readonly List<JsonNode> writes = [];
    private readonly List<string> unknown = [];
    private bool isDown;

    /// <summary>The uid of the object, which differs from run to run; a case writes UID for it.</summary>
    public string Uid { get; set; } = "";

    /// <summary>Requests that the case has no answer to.</summary>
    public IReadOnlyList<string> Unknown => unknown;

    /// <param name="part">Answers that are added to, or take the place of, those that are known; or <c>down</c> for all.</param>
    public void Learn(JsonNode? part)
    {
        isDown = IsDown(part);
        foreach (var (request, answer) in part as JsonObject ?? [])
            answers[request] = new(answer is JsonArray all ? all.AsEnumerable() : new[] { answer });
    }

    /// <summary>What was written since the last time: <c>{"PATCH iofog/u": body}</c>, or only the request where it has no body.</summary>
    public JsonArray TakeWrites()
    {
        var taken = new JsonArray([.. writes]);
        writes.Clear();
        return taken;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (isDown)
            throw Refused();
        var name = $"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.PathAndQuery["/api/v3/".Length..])}".Replace(Uid, "UID", StringComparison.Ordinal);
        if (name == "POST user/login" && !answers.ContainsKey(name))
            return Answer(200, """{"accessToken":"token"}""");
        var body = request.Content is null ? null : JsonNode.Parse((await request.Content.ReadAsStringAsync(cancellationToken)).Replace(Uid, "UID", StringComparison.Ordinal));
        if (request.Method != HttpMethod.Get || name.EndsWith("/provisioning-key", StringComparison.Ordinal))
            writes.Add(body is null ? name : new JsonObject { [name] = body });
        if (!answers.TryGetValue(name, out var known) && !answers.TryGetValue(name.Split('?')[0], out known))
        {
            unknown.Add(name);
            return Answer(418, "{}");
        }

        var answer = known.Count > 1 ? known.Dequeue() : known.Peek();
        return IsDown(answer) ? throw Refused()
            : answer is JsonObject { Count: 1 } coded && int.TryParse(coded.Single().Key, out var code) ? Answer(code, coded.Single().Value?.ToString() ?? "")
            : Answer(200, (answer?.ToJsonString() ?? "").Replace("UID", Uid, StringComparison.Ordinal));
    }

    private static HttpRequestException Refused() => new(HttpRequestError.ConnectionError, "connection refused");

    private static bool IsDown(JsonNode? answer) => answer?.GetValueKind() == JsonValueKind.String && answer.GetValue<string>() == "down";

    private static HttpResponseMessage Answer(int code, string body) => new((HttpStatusCode)code) { Content = new StringContent(body) };
}
