using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local.Controller;

namespace IoFog.Operator.Integration.Controller;

/// <summary>
/// What the Controller answers, as tables: request → answer. Each file runs as a user of its own, in order, against the emulator or, with
/// <c>IOFOG_TEST_CONTROLLER_URL</c>, against a real Controller. A further area is a further file.
/// </summary>
/// <remarks>
/// A fact: <c>do</c> is method and path below /api/v3, <c>body</c> what is sent, <c>as</c> who asks (user, nobody, or a token; user when absent),
/// <c>form</c> a body as a form and <c>file</c> a YAML file by the name of its field, in place of a body, <c>match</c> an ETag that is known,
/// <c>code</c> the status, <c>has</c> what the answer holds by path (<c>fogs.0.name</c>; an empty path is the whole), <c>lacks</c> paths that it
/// has not, <c>keep</c> values for later facts (<c>@ETag</c> is the header's). <c>{run}</c> is a word of this run, <c>{name}</c> a value that was
/// kept, <c>#{name}</c> one that is a number. In a string of <c>has</c> a tilde before it means: contains. <c>only</c> says which of emulator and real it is for.
/// </remarks>
public sealed partial class FactsTests
{
    // What there can be of a user's, and how it is deleted; agents last, for they take others along.
    private static readonly (string List, string Items, Func<JsonNode, string> Path)[] Kept =
    [
        ("application", "applications", item => $"flow/{item["id"]}"),
        ("edgeResources", "edgeResources", item => $"edgeResource/{item["name"]}/{item["version"]}"),
        ("applicationTemplates", "applicationTemplates", item => $"applicationTemplate/{item["name"]}"),
        ("catalog/microservices", "catalogItems", item => $"catalog/microservices/{item["id"]}"),
        ("registries", "registries", item => $"registries/{item["id"]}"),
        ("iofog-list", "fogs", item => $"iofog/{item["uuid"]}"),
        ("iofog-list?system=true", "fogs", item => $"iofog/{item["uuid"]}"),
    ];

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Controller");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Tables => new(Directory.EnumerateFiles(Folder, "facts-*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task Answers_as_the_table_says(string table)
    {
        var real = Servers.Controller;
        using var turn = await Servers.EnterAsync(Cancellation);
        await using var emulator = real is null ? await ControllerEmulator.StartAsync(new() { SimulateAgents = false }, null, Cancellation) : null;
        using var http = new HttpClient { BaseAddress = new(real ?? emulator!.Endpoint, "/api/v3/") };
        var run = Guid.NewGuid().ToString("N")[..8];
        var kept = new Dictionary<string, string> { ["run"] = run };
        var user = new JsonObject { ["firstName"] = "Facts", ["lastName"] = "Walker", ["email"] = $"{run}@example.org", ["password"] = "walks-the-table" };
        await SendAsync(http, "POST user/signup", Json(user), null);
        kept["user"] = (await SendAsync(http, "POST user/login", Json(new JsonObject { ["email"] = $"{run}@example.org", ["password"] = "walks-the-table" }), null)).Answer!["accessToken"]!.GetValue<string>();

        await ClearAsync(http, kept["user"]);
        var wrong = new List<string>();
        foreach (var fact in JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, table), Cancellation))!.AsArray().Select(fact => fact!.AsObject()))
        {
            if (fact["only"]?.GetValue<string>() is not { } only || only == (real is null ? "emulator" : "real"))
                wrong.AddRange(await CheckAsync(http, fact, kept));
        }

        await ClearAsync(http, kept["user"]);
        Assert.Empty(wrong);
    }

    /// <summary>Deletes all that the user has, so that the next table, or run, finds a Controller without it. A table that ends its own user has made nothing.</summary>
    private static async Task ClearAsync(HttpClient http, string user)
    {
        foreach (var (list, items, path) in Kept)
        {
            var (_, answer, _, _) = await SendAsync(http, $"GET {list}", null, user);
            foreach (var item in (answer as JsonObject)?[items]?.AsArray().OfType<JsonNode>().ToArray() ?? [])
                await SendAsync(http, $"DELETE {path(item)}", null, user);
        }
    }

    private static async Task<IReadOnlyList<string>> CheckAsync(HttpClient http, JsonObject fact, Dictionary<string, string> kept)
    {
        var name = fact["fact"]!.GetValue<string>();
        var asked = fact["as"]?.GetValue<string>() ?? "{user}";
        var tag = fact["match"] is { } match ? Fill(match.GetValue<string>(), kept) : null;
        var (code, answer, text, etag) = await SendAsync(http, Fill(fact["do"]!.GetValue<string>(), kept), ContentOf(fact, kept), asked == "nobody" ? null : Fill(asked, kept), tag);
        var wrong = new List<string>();
        if (code != fact["code"]!.GetValue<int>())
            wrong.Add($"{name}: {code} {text}");
        foreach (var (path, expected) in fact["has"]?.AsObject() ?? [])
        {
            var (found, value) = Read(answer, path);
            if (!found || !Holds(Fill(expected, kept), value))
                wrong.Add($"{name}: {path} is {(found ? value?.ToJsonString() ?? "null" : "absent")}");
        }

        wrong.AddRange((fact["lacks"]?.AsArray() ?? []).Select(path => path!.GetValue<string>()).Where(path => Read(answer, path).Found).Select(path => $"{name}: {path} is there"));
        foreach (var (variable, path) in fact["keep"]?.AsObject() ?? [])
            kept[variable] = path!.GetValue<string>() == "@ETag" ? etag ?? "" : Read(answer, path.GetValue<string>()).Value?.ToString() ?? "";
        return wrong;
    }

    private static HttpContent? ContentOf(JsonObject fact, Dictionary<string, string> kept)
    {
        if (fact["form"] is { } form)
            return new StringContent(Fill(form.GetValue<string>(), kept), Encoding.UTF8, "application/x-www-form-urlencoded");
        if (fact["file"] is not JsonObject files)
            return Fill(fact["body"], kept) is { } body ? Json(body) : null;
        var upload = new MultipartFormDataContent();
        foreach (var (field, yaml) in files)
            upload.Add(new StringContent(Fill(yaml!.GetValue<string>(), kept)), field, "file.yaml");
        return upload;
    }

    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private static async Task<(int Code, JsonNode? Answer, string Text, string? ETag)> SendAsync(HttpClient http, string request, HttpContent? content, string? token, string? match = null)
    {
        var space = request.IndexOf(' ', StringComparison.Ordinal);
        using var message = new HttpRequestMessage(new(request[..space]), request[(space + 1)..]) { Content = content };
        if (match is not null)
            message.Headers.TryAddWithoutValidation("If-None-Match", match);
        if (token is not null)
            message.Headers.TryAddWithoutValidation("Authorization", token);
        using var response = await http.SendAsync(message, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        try
        {
            return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), text, response.Headers.ETag?.ToString());
        }
        catch (JsonException)
        {
            return ((int)response.StatusCode, text, text, null); // a page
        }
    }

    private static bool Holds(JsonNode? expected, JsonNode? value) =>
        expected is JsonValue text && text.GetValueKind() == JsonValueKind.String && text.GetValue<string>() is ['~', .. var part]
            ? value?.ToString().Contains(part, StringComparison.Ordinal) == true
            : JsonNode.DeepEquals(expected, value);

    private static (bool Found, JsonNode? Value) Read(JsonNode? node, string path)
    {
        if (path.Length == 0)
            return (true, node);
        foreach (var segment in path.Split('.'))
        {
            switch (node)
            {
                case JsonArray list when segment == "length":
                    node = list.Count;
                    break;
                case JsonArray list when int.TryParse(segment, out var index) && index < list.Count:
                    node = list[index];
                    break;
                case JsonObject map when map.ContainsKey(segment):
                    node = map[segment];
                    break;
                default:
                    return (false, null);
            }
        }

        return (true, node);
    }

    private static JsonNode? Fill(JsonNode? node, Dictionary<string, string> kept) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Fill(member.Value, kept)))),
        JsonArray items => new JsonArray([.. items.Select(item => Fill(item, kept))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().StartsWith("#{", StringComparison.Ordinal) =>
            JsonNode.Parse(Fill(value.GetValue<string>()[1..], kept)),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(Fill(value.GetValue<string>(), kept)),
        _ => node?.DeepClone(),
    };

    private static string Fill(string text, Dictionary<string, string> kept) =>
        Variable().Replace(text, match => kept.TryGetValue(match.Groups[1].Value, out var value) ? value : match.Value);

    // Braces of a template come in pairs.
    [GeneratedRegex(@"(?<!\{)\{(\w+)\}(?!\})")]
    private static partial Regex Variable();
}
