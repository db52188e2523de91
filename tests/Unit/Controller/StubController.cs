using System.Net;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Unit.Controller;

/// <summary>Answers requests from a script, and remembers them.</summary>
internal sealed class StubController : HttpMessageHandler
{
    private readonly List<(string Request, Queue<Func<HttpResponseMessage>> Answers)> script = [];

    /// <summary>As <c>GET iofog-list</c>, with the token after it, oldest first.</summary>
    public List<(string Request, string? Token, string Body)> Requests { get; } = [];

    /// <summary>Runs before each answer.</summary>
    public Func<string, Task> Before { get; set; } = static _ => Task.CompletedTask;

    public ControllerCredentials User { get; } = new("ann@example.org", "plain-secret");

    public ControllerClient Connect(bool signedIn = true) =>
        new(new(this), new ControllerSession(new("http://controller/"), signedIn ? User : null));

    /// <summary>Answers of one request, in order; the last one stays.</summary>
    public StubController On(string request, params (int Code, string Body)[] answers)
    {
        script.Add((request, new(answers.Select(answer => (Func<HttpResponseMessage>)(() => new((HttpStatusCode)answer.Code) { Content = new StringContent(answer.Body) })))));
        return this;
    }

    public StubController OnLogin(params string[] tokens) =>
        On("POST user/login", [.. tokens.Select(token => (200, $$"""{"accessToken":"{{token}}"}"""))]);

    public StubController Throws(string request, params Exception?[] exceptions)
    {
        script.Add((request, new(exceptions.Select(exception => (Func<HttpResponseMessage>)(() => exception is null ? new(HttpStatusCode.OK) { Content = new StringContent("{}") } : throw exception)))));
        return this;
    }

    public IEnumerable<string> RequestsOf(string start) => Requests.Select(sent => sent.Request).Where(sent => sent.StartsWith(start, StringComparison.Ordinal));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var name = $"{request.Method} {request.RequestUri!.AbsolutePath.Replace("/api/v3/", "", StringComparison.Ordinal)}";
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        lock (Requests)
            Requests.Add((name, request.Headers.TryGetValues("Authorization", out var values) ? values.Single() : null, body));
        await Before(name);
        var answers = script.Find(line => line.Request == name).Answers ?? throw new InvalidOperationException($"the script has no answer to {name}");
        return (answers.Count > 1 ? answers.Dequeue() : answers.Peek())();
    }
}
