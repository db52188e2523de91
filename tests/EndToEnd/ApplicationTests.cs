using System.Net;
using System.Text.Json.Nodes;

namespace IoFog.Operator.EndToEnd;

/// <summary>Applications, microservices and routes as a user of kubectl sees them.</summary>
[Collection(nameof(StackFixture))]
public sealed class ApplicationTests(StackFixture fixture)
{
    private const string Clinic = """
        {"apiVersion":"iofog.org/v3","kind":"Application","metadata":{"name":"clinic"},"spec":{
          "microservices":[{"name":"desk","agent":{"name":"zebra-1"},"images":{"x86":"desk:1"},"container":{"ports":[{"internal":80,"external":5300,"public":{"schemes":["http"],"protocol":"http"}}]}},
                           {"name":"bell","agent":{"name":"zebra-1"},"images":{"x86":"bell:1"}}],
          "routes":[{"from":"bell","to":"desk"}]}}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_application_shows_what_runs_is_kept_as_it_is_and_hands_over_what_it_no_longer_declares()
    {
        await KubectlAsync("wait", "--for=condition=Ready", "agent/zebra-1", "--timeout=90s");
        await ApplyAsync(Clinic);
        await KubectlAsync("wait", "--for=condition=Ready", "application/clinic", "--timeout=90s");
        Assert.Contains("2/2", await KubectlAsync("get", "application", "clinic"), StringComparison.Ordinal);
        Assert.StartsWith("desk=RUNNING http://", await KubectlAsync(
            "get", "application", "clinic", "-o", """jsonpath={.status.microservices[?(@.name=="desk")].name}={.status.microservices[?(@.name=="desk")].state} {.status.microservices[?(@.name=="desk")].links[0]}"""), StringComparison.Ordinal);

        // Somebody changes it behind the operator's back.
        var desk = (await ClinicAsync())!["microservices"]!.AsArray().Single(microservice => microservice!["name"]!.GetValue<string>() == "desk")!;
        Assert.Equal(HttpStatusCode.NoContent, await fixture.Controller.SendAsync(
            HttpMethod.Patch, $"microservices/{desk["uuid"]}", Token, new JsonObject { ["iofogUuid"] = desk["iofogUuid"]!.DeepClone(), ["config"] = """{"x":1}""" }));
        await fixture.EventuallyAsync("the configuration as the object says", async () =>
            (await fixture.Controller.GetAsync($"microservices/{desk["uuid"]}", Token))!["config"]!.GetValue<string>() == "{}");

        // An object that claims what is declared waits, and takes over when it is declared no more.
        await ApplyAsync("""{"apiVersion":"iofog.org/v3","kind":"Microservice","metadata":{"name":"clinic-bell"},"spec":{"name":"bell","application":"clinic","agent":{"name":"zebra-1"},"images":{"x86":"bell:2"}}}""");
        await KubectlAsync("wait", "--for=condition=Stalled", "microservice/clinic-bell", "--timeout=60s");
        await ApplyAsync("""{"apiVersion":"iofog.org/v3","kind":"Route","metadata":{"name":"bell-to-desk"},"spec":{"application":"clinic","from":"bell","to":"desk"}}""");
        await KubectlAsync("patch", "application", "clinic", "--type=json", "-p", """[{"op":"remove","path":"/spec/microservices/1"},{"op":"remove","path":"/spec/routes"}]""");
        await KubectlAsync("wait", "--for=condition=Ready", "microservice/clinic-bell", "route/bell-to-desk", "--timeout=90s");
        await fixture.EventuallyAsync("the whole story in one line", async () =>
            await KubectlAsync("get", "microservice", "clinic-bell") is var story
            && story.Contains("RUNNING", StringComparison.Ordinal) && story.Contains("zebra-1", StringComparison.Ordinal));

        // Edits reach the Controller, and what somebody does there is undone.
        await KubectlAsync("patch", "microservice", "clinic-bell", "--type=merge", "-p", """{"spec":{"images":{"x86":"bell:3"}}}""");
        await KubectlAsync("patch", "route", "bell-to-desk", "--type=merge", "-p", """{"spec":{"from":"desk","to":"bell"}}""");
        await fixture.EventuallyAsync("the image and the route as edited", async () =>
            (await BellAsync())["images"]![0]!["containerImage"]!.GetValue<string>() == "bell:3"
            && (await fixture.Controller.GetAsync("routes/clinic/bell-to-desk", Token))?["to"]!.GetValue<string>() == "bell");
        var bell = await BellAsync();
        Assert.Equal(HttpStatusCode.NoContent, await fixture.Controller.SendAsync(
            HttpMethod.Patch, $"microservices/{bell["uuid"]}", Token, new JsonObject { ["iofogUuid"] = bell["iofogUuid"]!.DeepClone(), ["cmd"] = new JsonArray("theirs") }));
        await fixture.EventuallyAsync("no commands again", async () => (await BellAsync())["cmd"]!.AsArray().Count == 0);

        await KubectlAsync("annotate", "microservice", "clinic-bell", "request.iofog.org/rebuild=now");
        await fixture.EventuallyAsync("the rebuild in the story", async () =>
            (await KubectlAsync("describe", "microservice", "clinic-bell")).Contains("RequestHonoured", StringComparison.Ordinal));

        await KubectlAsync("delete", "application/clinic", "microservice/clinic-bell", "route/bell-to-desk", "--timeout=90s");
        Assert.Null(await ClinicAsync());
    }

    [Fact]
    public async Task A_microservice_that_can_not_work_is_refused_with_its_field()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(
            """{"apiVersion":"iofog.org/v3","kind":"Microservice","metadata":{"name":"bad"},"spec":{"application":"clinic","agent":{"name":"zebra-1"},"images":{"x86":"i"},"container":{"ports":[{"internal":80,"external":54321}]}}}"""));
        Assert.Contains("spec.container.ports[0].external", refused.Message, StringComparison.Ordinal);
        Assert.Contains("on 54321 and 54322 ioFog itself listens", refused.Message, StringComparison.Ordinal);
    }

    private async Task<JsonNode> BellAsync() =>
        (await ClinicAsync())!["microservices"]!.AsArray().Single(microservice => microservice!["name"]!.GetValue<string>() == "bell")!;

    private Task<JsonNode?> ClinicAsync() => fixture.Controller.GetAsync("application/clinic", Token);

    private Task<string> KubectlAsync(params string[] arguments) => fixture.Kubectl.RunAsync(Token, arguments);

    private async Task ApplyAsync(string manifest)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, manifest, Token);
            await KubectlAsync("apply", "-f", file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
