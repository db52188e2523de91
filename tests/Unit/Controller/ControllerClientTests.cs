using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Unit.Controller;

public sealed class ControllerClientTests : IDisposable
{
    private const string Expired = """{"name":"AuthenticationError","message":"token expired"}""";
    private const string NoFogs = """{"fogs":[]}""";

    private readonly StubController stub = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => stub.Dispose();

    [Fact]
    public async Task Signs_in_once_and_sends_the_bare_token()
    {
        var client = stub.OnLogin("t1").On("GET iofog-list", (200, NoFogs)).Connect();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.FindAgentsAsync("a1", Cancellation)));

        Assert.Single(stub.RequestsOf("POST user/login"));
        Assert.Equal("""{"email":"ann@example.org","password":"plain-secret"}""", stub.Requests[0].Body);
        Assert.All(stub.Requests.Skip(1), sent => Assert.Equal("t1", sent.Token));
    }

    [Fact]
    public async Task Signs_in_again_when_the_token_expired()
    {
        var client = stub.OnLogin("t1", "t2").On("GET iofog-list", (401, Expired), (200, NoFogs)).Connect();

        Assert.Empty(await client.FindAgentsAsync("a1", Cancellation));

        Assert.Equal(["t1", "t2"], stub.Requests.Where(sent => sent.Request == "GET iofog-list").Select(sent => sent.Token));
    }

    [Fact]
    public async Task Signs_in_again_only_once()
    {
        var client = stub.OnLogin("t1", "t2").On("GET iofog-list", (401, Expired)).Connect();

        var refused = await Assert.ThrowsAsync<ControllerException>(() => client.FindAgentsAsync("a1", Cancellation));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.Code);
        Assert.Equal(2, stub.RequestsOf("GET iofog-list").Count());
    }

    [Fact]
    public async Task A_user_that_is_not_let_in_is_the_business_of_the_control_plane()
    {
        var client = stub.On("POST user/login", (401, """{"name":"InvalidCredentialsError","message":"Invalid credentials"}""")).Connect();

        var away = await Assert.ThrowsAsync<ControllerUnavailableException>(() => client.FindAgentsAsync("a1", Cancellation));

        Assert.Equal("ControlPlane", away.WaitingFor);
        Assert.DoesNotContain("plain-secret", away.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_agents_of_exactly_this_name_oldest_first()
    {
        var list = """
            {"fogs":[
              {"uuid":"u2","name":"a1","createdAt":"2026-11-22T20:56:30.000Z","fogTypeId":1,"memoryLimit":4096},
              {"uuid":"u1","name":"a1","createdAt":"2026-11-22T20:56:29.876Z","fogTypeId":1,"memoryLimit":4096},
              {"uuid":"u3","name":"A1","createdAt":"2026-11-22T20:56:28.000Z","fogTypeId":1,"memoryLimit":4096}]}
            """;
        var client = stub.OnLogin("t1").On("GET iofog-list", (200, list)).Connect();

        var agents = await client.FindAgentsAsync("a1", Cancellation);

        Assert.Equal(["u1", "u2"], agents.Select(agent => agent.Uuid));
        Assert.Equal(4096, agents[0].Fields!["memoryLimit"].GetInt32());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    public async Task What_the_Controller_does_not_find_is_null_whatever_the_code(int code)
    {
        var client = stub.OnLogin("t1").On("GET application/shop", (code, """{"name":"NotFoundError","message":"Invalid application name 'shop'"}""")).Connect();

        Assert.Null(await client.FindApplicationAsync("shop", Cancellation));
    }

    [Fact]
    public async Task The_microservices_of_a_missing_application_are_none()
    {
        var client = stub.OnLogin("t1").On("GET microservices", (500, """{"name":"NotFoundError","message":"Invalid application name 'shop'"}""")).Connect();

        Assert.Empty(await client.ListMicroservicesAsync("shop", Cancellation));
    }

    [Fact]
    public async Task A_page_that_says_404_is_not_the_Controller()
    {
        var client = stub.OnLogin("t1").On("DELETE iofog/u1", (404, "<html>Cannot DELETE</html>")).Connect();

        var away = await Assert.ThrowsAsync<ControllerUnavailableException>(() => client.DeleteAgentAsync("u1", Cancellation));

        Assert.Equal(WaitingFor.Controller, away.WaitingFor);
    }

    [Fact]
    public async Task Deleting_what_is_gone_is_fine()
    {
        var client = stub.OnLogin("t1").On("DELETE iofog/u1", (202, ""), (404, """{"name":"NotFoundError","message":"Invalid ioFog UUID 'u1'"}""")).Connect();

        Assert.True(await client.DeleteAgentAsync("u1", Cancellation));
        Assert.False(await client.DeleteAgentAsync("u1", Cancellation));
    }

    [Theory]
    [InlineData(400, "ValidationError", "Field 'memoryLimit' is not of a type(s) integer", true)]
    [InlineData(500, "ValidationError", "Field routerMode is not one of enum values: none,edge,interior", true)]
    [InlineData(500, "InvalidArgumentError", "Invalid argument", true)]
    [InlineData(400, "ValidationError", "Duplicate name 'a1'", false)]
    [InlineData(400, "ValidationError", "Port '8090' is not available", false)]
    [InlineData(500, "DuplicatePropertyError", "Duplicate name 'app1'", false)]
    [InlineData(500, "SequelizeUniqueConstraintError", "Validation error", false)]
    [InlineData(500, "NotFoundError", "Invalid router 'default-router'", false)]
    [InlineData(500, "SequelizeForeignKeyConstraintError", "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed", false)]
    [InlineData(500, "TypeError", "Cannot read properties of null", false)]
    public async Task A_refusal_is_final_by_its_name_and_not_by_its_code(int code, string name, string message, bool isFinal)
    {
        var client = stub.OnLogin("t1").On("POST iofog", (code, $$"""{"name":"{{name}}","message":"{{message}}","stack":"at /usr/lib/secret.js"}""")).Connect();

        var refused = await Assert.ThrowsAsync<ControllerException>(() => client.CreateAgentAsync(new() { ["name"] = "a1" }, Cancellation));

        Assert.Equal(isFinal, refused.IsFinal);
        Assert.Equal(name, refused.Name);
        Assert.Equal($"POST iofog: {code} {name}: {message}", refused.Message);
    }

    [Fact]
    public async Task A_message_that_is_a_schema_is_not_repeated_for_it_quotes_what_was_sent()
    {
        var body = new JsonObject { ["name"] = "ValidationError", ["message"] = """{"property":"instance","instance":{"password":"plain-secret"}}""" };
        var client = stub.OnLogin("t1").On("POST iofog", (400, body.ToJsonString())).Connect();

        var refused = await Assert.ThrowsAsync<ControllerException>(() => client.CreateAgentAsync([], Cancellation));

        Assert.Equal("POST iofog: 400 ValidationError", refused.Message);
    }

    [Theory]
    [InlineData("SequelizeDatabaseError", "Incorrect string value: 'hunter2!' for column 'value' at row 1")]
    [InlineData("ValidationError", "hunter2! is no value of env")]
    [InlineData("ValidationError", "Field 'config' holds 'inside' and inner-4")]
    [InlineData("InvalidArgumentError", "Unknown argument --key=arg-5 of cmd")]
    [InlineData("ValidationError", "Could not reach amqp://me:broker-6@host:5672")]
    public async Task A_message_that_quotes_what_could_be_secret_is_repeated_without_it(string name, string message)
    {
        var client = stub.OnLogin("t1").On("POST microservices", (500, new JsonObject { ["name"] = name, ["message"] = message }.ToJsonString())).Connect();
        var body = new JsonObject
        {
            ["env"] = new JsonArray(new JsonObject { ["key"] = "A", ["value"] = "hunter2!" }),
            ["config"] = """{"a":{"b":["inside","inner-4"]}}""",
            ["cmd"] = new JsonArray("--key=arg-5"),
        };

        var refused = await Assert.ThrowsAsync<ControllerException>(() => client.CreateMicroserviceAsync(body, Cancellation));

        Assert.All(["hunter2!", "'inside'", "inner-4", "arg-5", "broker-6"], secret => Assert.DoesNotContain(secret, refused.ToString(), StringComparison.Ordinal));
        Assert.Contains("(hidden)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_is_an_ordinary_word_takes_nothing_from_what_a_refusal_means()
    {
        var client = stub.OnLogin("t1").On("POST microservices", (400, """{"name":"ValidationError","message":"Port '8090' is not available"}""")).Connect();
        var body = new JsonObject { ["env"] = new JsonArray(new JsonObject { ["key"] = "A", ["value"] = "available" }) };

        var refused = await Assert.ThrowsAsync<ControllerException>(() => client.CreateMicroserviceAsync(body, Cancellation));

        Assert.True(refused.IsTaken);
    }

    [Fact]
    public async Task A_long_message_is_cut()
    {
        var client = stub.OnLogin("t1").On("POST iofog", (400, $$"""{"name":"ValidationError","message":"{{new string('x', 5000)}}"}""")).Connect();

        var refused = await Assert.ThrowsAsync<ControllerException>(() => client.CreateAgentAsync([], Cancellation));

        Assert.InRange(refused.Message.Length, 200, 260);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task An_error_page_is_an_absent_Controller(int code)
    {
        var client = stub.OnLogin("t1").On("POST iofog", (code, "<html>Bad gateway</html>")).Connect();

        var away = await Assert.ThrowsAsync<ControllerUnavailableException>(() => client.CreateAgentAsync([], Cancellation));

        Assert.Equal(WaitingFor.Controller, away.WaitingFor);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_for_good()
    {
        var client = stub.OnLogin("t1").On("POST iofog", (413, "<html>PayloadTooLargeError</html>")).Connect();

        var refused = await Assert.ThrowsAsync<ControllerException>(() => client.CreateAgentAsync([], Cancellation));

        Assert.True(refused.IsFinal);
    }

    [Fact]
    public async Task A_read_on_a_connection_that_was_just_closed_is_tried_again()
    {
        var reset = new HttpRequestException(HttpRequestError.Unknown, "reset", new IOException("reset", new SocketException((int)SocketError.ConnectionReset)));
        var client = stub.Throws("GET status", reset, null).Connect();

        await client.GetListAsync("status", Cancellation);

        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public async Task A_write_is_never_sent_twice()
    {
        var reset = new HttpRequestException(HttpRequestError.ResponseEnded, "ended", new IOException("ended"));
        var client = stub.OnLogin("t1").Throws("POST iofog", reset, null).Connect();

        await Assert.ThrowsAsync<ControllerUnavailableException>(() => client.CreateAgentAsync([], Cancellation));

        Assert.Single(stub.RequestsOf("POST iofog"));
    }

    [Fact]
    public async Task Silence_is_an_absent_Controller()
    {
        var client = stub.OnLogin("t1").Throws("GET iofog-list", new TaskCanceledException("timeout")).Connect();

        var away = await Assert.ThrowsAsync<ControllerUnavailableException>(() => client.FindAgentsAsync("a1", Cancellation));

        Assert.Equal(WaitingFor.Controller, away.WaitingFor);
    }

    [Fact]
    public async Task At_most_two_requests_are_in_flight()
    {
        var (now, most) = (0, 0);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var two = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var client = stub.OnLogin("t1").On("GET iofog-list", (200, NoFogs)).Connect();
        stub.Before = async request =>
        {
            if (request != "GET iofog-list")
                return;
            most = Math.Max(most, Interlocked.Increment(ref now));
            if (now == 2)
                two.TrySetResult();
            await held.Task;
            Interlocked.Decrement(ref now);
        };

        var all = Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.FindAgentsAsync("a1", Cancellation)));
        await two.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        held.SetResult();
        await all;

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Names_are_escaped()
    {
        var client = stub.OnLogin("t1").On("GET application/a%2Fb", (200, """{"name":"a/b"}""")).Connect();

        Assert.Equal("a/b", (await client.FindApplicationAsync("a/b", Cancellation))!.Name);
    }

    [Fact]
    public async Task An_edge_resource_without_an_interface_is_broken()
    {
        var client = stub.OnLogin("t1").On("GET edgeResource/cam/1.0.0", (500, """{"name":"TypeError","message":"Cannot read properties of null (reading 'endpoints')"}""")).Connect();

        await Assert.ThrowsAsync<ControllerException>(() => client.FindEdgeResourceAsync("cam", "1.0.0", Cancellation));
    }

    [Fact]
    public async Task Someone_who_has_signed_up_before_is_known()
    {
        var taken = """{"name":"ValidationError","message":"Registration failed: There is already an account associated with your email address. Please try logging in instead."}""";
        var client = stub.On("POST user/signup", (201, """{"userId":1}"""), (400, taken)).Connect(signedIn: false);

        Assert.True(await client.SignUpAsync("Ann", "Other", stub.User, Cancellation));
        Assert.False(await client.SignUpAsync("Ann", "Other", stub.User, Cancellation));
    }
}
