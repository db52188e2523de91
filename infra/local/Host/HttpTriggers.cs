namespace IoFog.Operator.Local.Host;

/// <summary>Forwards HTTP triggers to the handler, whole and buffered, as the real host does with enableForwardingHttpRequest.</summary>
internal sealed class HttpTriggers(AppFolder app, Handler handler, HttpClient http, FunctionsHostOptions options)
{
    private readonly string prefix = app.Text("extensions.http.routePrefix", "api").Trim('/');

    public async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Trim('/');
        if (path.Length == 0 || path == "admin/host/ping")
            return; // the home page: 200
        var function = app.Functions.FirstOrDefault(function => function.Trigger == "httpTrigger"
            && (function.Methods.Count == 0 || function.Methods.Contains(context.Request.Method)) && Matches(function.Route, path));
        if (function is null)
        {
            context.Response.StatusCode = 404;
            return;
        }

        if (function.AuthLevel != "anonymous" && !HasKey(context.Request))
        {
            context.Response.StatusCode = 401;
            return;
        }

        await ForwardAsync(context);
    }

    private async Task ForwardAsync(HttpContext context)
    {
        await handler.Ready.Task.WaitAsync(context.RequestAborted);

        // Keys that are repeated are merged; a body without a length is lost.
        var query = string.Join('&', context.Request.Query.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value.ToString())}"));
        using var request = new HttpRequestMessage(
            new(context.Request.Method), $"http://127.0.0.1:{handler.Port}{context.Request.Path}{(query.Length == 0 ? "" : $"?{query}")}");
        if (context.Request.ContentLength > 0)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            request.Content = new ByteArrayContent(body.ToArray());
        }

        foreach (var (name, values) in context.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        request.Headers.TryAddWithoutValidation("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        try
        {
            using var response = await http.SendAsync(request, context.RequestAborted);
            var answer = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Transfer-Encoding"))
                context.Response.Headers[name] = values.ToArray();
            if (answer.Length > 0) // a 304 takes no body, not even an empty one
                await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        }
        catch (HttpRequestException e)
        {
            options.Log(e.Message);
            context.Response.StatusCode = 500;
        }
    }

    // {name?} at the end may be left out.
    private bool Matches(string route, string path)
    {
        var pattern = (prefix.Length == 0 ? route : $"{prefix}/{route}").Trim('/').Split('/');
        var segments = path.Split('/');
        if (pattern.Length == segments.Length + 1 && pattern[^1].EndsWith("?}", StringComparison.Ordinal))
            pattern = pattern[..^1];
        return pattern.Length == segments.Length && pattern.Zip(segments).All(pair =>
            pair.First.StartsWith('{') || string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase));
    }

    private bool HasKey(HttpRequest request) =>
        options.Settings.TryGetValue("FUNCTIONS_MASTER_KEY", out var key)
        && (request.Headers["x-functions-key"] == key || request.Query["code"] == key);
}
