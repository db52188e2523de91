using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Integration;

/// <summary>A device as the Controller sees one: it provisions with a key, asks what changed, and reports.</summary>
internal sealed class Device : IDisposable
{
    private readonly HttpClient http = new();
    private string? token;

    private Device(string controller) => http.BaseAddress = new($"{controller.TrimEnd('/')}/");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Does what the command in a provisioning Secret would do on a device.</summary>
    /// <param name="command">As <c>iofog-agent config -a http://controller:51121/api/v3 &amp;&amp; iofog-agent provision KEY</c>.</param>
    /// <param name="type">1 for x86, 2 for arm.</param>
    /// <param name="controller">Where the Controller is for this device, as <c>http://controller:51121/api/v3</c>; null for where the command says.</param>
    public static async Task<Device> ProvisionAsync(string command, int type = 1, string? controller = null)
    {
        var words = command.Trim().Split(' ');
        Assert.Equal(["iofog-agent", "config", "-a", words[3], "&&", "iofog-agent", "provision", words[7]], words);
        var device = new Device(controller ?? words[3]);
        var answer = await device.SendAsync(HttpMethod.Post, "agent/provision", new() { ["type"] = type, ["key"] = words[7] });
        device.token = answer!["token"]!.GetValue<string>();
        return device;
    }

    /// <summary>Reports a state, as a device does every few seconds.</summary>
    public Task ReportAsync(DateTimeOffset now, string state = "RUNNING", bool isReadyToUpgrade = false, bool isReadyToRollback = false, JsonArray? microservices = null) =>
        SendAsync(HttpMethod.Put, "agent/status", new()
        {
            ["daemonStatus"] = state,
            ["version"] = "3.0.1",
            ["ipAddress"] = "10.0.0.1",
            ["ipAddressExternal"] = "192.0.2.1",
            ["lastStatusTime"] = now.ToUnixTimeMilliseconds(),
            ["isReadyToUpgrade"] = isReadyToUpgrade,
            ["isReadyToRollback"] = isReadyToRollback,
            ["microserviceStatus"] = (microservices ?? []).ToJsonString(),
        });

    /// <summary>Makes the containers that it is told to, and reports that they run.</summary>
    public async Task RunAsync(DateTimeOffset now)
    {
        var microservices = (await SendAsync(HttpMethod.Get, "agent/microservices"))!["microservices"]!.AsArray();
        await ReportAsync(now, microservices: [.. microservices.Select(microservice => (JsonNode)new JsonObject { ["id"] = microservice!["uuid"]!.DeepClone(), ["status"] = "RUNNING" })]);
    }

    /// <summary>What it is told to look at, without what it was told before.</summary>
    public async Task<IReadOnlyList<string>> TakeChangesAsync()
    {
        var changes = (await SendAsync(HttpMethod.Get, "agent/config/changes"))!;
        await SendAsync(HttpMethod.Patch, "agent/config/changes", new() { ["lastUpdated"] = changes["lastUpdated"]!.DeepClone() });
        return [.. changes.Where(flag => flag.Value!.ToString() == "true").Select(flag => flag.Key)];
    }

    /// <summary>What it reads below <c>agent/</c>.</summary>
    public async Task<JsonObject> GetAsync(string path) => (await SendAsync(HttpMethod.Get, $"agent/{path}"))!;

    public void Dispose() => http.Dispose();

    private async Task<JsonObject?> SendAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", token);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode} {text}", null, response.StatusCode);
        return response.StatusCode == HttpStatusCode.NoContent || text.Length == 0 ? null : JsonNode.Parse(text)!.AsObject();
    }
}
