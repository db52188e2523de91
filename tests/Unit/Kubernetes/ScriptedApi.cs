using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Unit.Kubernetes;

/// <summary>An API server that answers from a script, one step per request, and is silent after the last.</summary>
internal sealed class ScriptedApi : HttpMessageHandler
{
    private readonly ConcurrentQueue<Func<HttpResponseMessage>> script = [];

    /// <summary>Paths and queries, oldest first.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Bodies of the requests that had one.</summary>
    public ConcurrentQueue<string> Bodies { get; } = [];

    public KubernetesApi Client(TimeProvider? time = null) => new(new HttpClient(this) { BaseAddress = new("http://cluster/") }, null, time);

    public ScriptedApi Then(Func<HttpResponseMessage> answer)
    {
        script.Enqueue(answer);
        return this;
    }

    public ScriptedApi List(string version, string? next, params string[] items) => Then(() => Text(ListOf(version, next, items)));

    public ScriptedApi Watch(params string[] lines) => Then(() => Text(string.Concat(lines.Select(line => line + "\n"))));

    /// <summary>A watch that stays open; the test writes to it.</summary>
    public ScriptedApi OpenWatch(out Pipe pipe)
    {
        var opened = pipe = new Pipe();
        return Then(() => new(HttpStatusCode.OK) { Content = new StreamContent(opened.Reader.AsStream()) });
    }

    public ScriptedApi Refuse(int code, string reason, int? retryAfter = null) => Then(() =>
    {
        var answer = Text($$"""{"kind":"Status","code":{{code}},"reason":"{{reason}}"}""");
        answer.StatusCode = (HttpStatusCode)code;
        if (retryAfter is { } seconds)
            answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        return answer;
    });

    public static HttpResponseMessage Text(string text) => new(HttpStatusCode.OK) { Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(text))) };

    public static string ListOf(string version, string? next, params string[] items) =>
        $$$"""{"kind":"AgentList","apiVersion":"iofog.org/v3","metadata":{"resourceVersion":"{{{version}}}","continue":"{{{next}}}","remainingItemCount":7},"items":[{{{string.Join(',', items)}}}]}""";

    public static string Item(string name, string version = "1", string more = "") =>
        $$$"""{"metadata":{"name":"{{{name}}}","resourceVersion":"{{{version}}}"}{{{more}}}}""";

    public static string Event(string type, string item) => $$"""{"type":"{{type}}","object":{{item}}}""";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Enqueue(request.RequestUri!.PathAndQuery.TrimStart('/'));
        if (request.Content is not null)
            Bodies.Enqueue(await request.Content.ReadAsStringAsync(cancellationToken));
        if (!script.TryDequeue(out var answer))
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        var response = answer!();
        response.RequestMessage = request;
        return response;
    }
}
