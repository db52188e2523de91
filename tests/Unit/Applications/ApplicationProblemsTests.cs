using System.Net;
using System.Text.Json;
using IoFog.Operator.Applications;
using IoFog.Operator.Controller;
using IoFog.Operator.Microservices;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Unit.Applications;

/// <summary>What keeps single children back, and what a turn ends with then.</summary>
public sealed class ApplicationProblemsTests
{
    private const string Spec = """{"microservices":[{"name":"a","agent":{"name":"gate-1"},"images":{"x86":"a:1"}},{"name":"b","agent":{"name":"gate-2"},"images":{"x86":"b:1"}}],"routes":[{"from":"a","to":"b"},{"name":"out","from":"a","to":"other"}]}""";

    private static readonly IReadOnlyDictionary<string, string> NotTaken = new Dictionary<string, string>();

    [Fact]
    public void Without_a_problem_there_is_no_outcome()
    {
        var problems = Of(Spec, ["other"], ("gate-1", 1), ("gate-2", 1));
        Assert.Null(problems.Outcome);
        Assert.Empty(problems.Untouched);
    }

    [Fact]
    public void A_missing_agent_is_waited_for_and_keeps_its_microservice_and_its_routes_back()
    {
        var problems = Of(Spec, ["other"], ("gate-1", 1));
        Assert.Equal("Agent/gate-2", Assert.IsType<Outcome.LaterOutcome>(problems.Outcome).WaitingFor);
        Assert.Equal(["microservice/b", "route/r-a-b"], problems.Untouched.Order());
    }

    [Fact]
    public void An_agent_of_the_wrong_kind_is_final_and_names_the_field()
    {
        var problems = Of(Spec, ["other", "b"], ("gate-1", 1), ("gate-2", 2));
        Assert.StartsWith("spec.microservices[1].images has none for arm", Assert.IsType<Outcome.RefusedOutcome>(problems.Outcome).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_pass_comes_before_what_is_final()
    {
        var problems = Of(Spec, [], ("gate-1", 1), ("gate-2", 2));
        Assert.Equal("Microservice/health/b", Assert.IsType<Outcome.LaterOutcome>(problems.Outcome).WaitingFor);
    }

    [Fact]
    public void A_route_to_a_microservice_that_nobody_declares_waits_for_it()
    {
        var problems = Of(Spec, [], ("gate-1", 1), ("gate-2", 1));
        Assert.Equal("Microservice/health/other", Assert.IsType<Outcome.LaterOutcome>(problems.Outcome).WaitingFor);
        Assert.Equal(["route/out"], problems.Untouched);
    }

    [Fact]
    public void A_pair_that_another_route_has_is_named()
    {
        var spec = Read(Spec);
        var problems = ApplicationProblems.Of(spec, "health", Agents(("gate-1", 1), ("gate-2", 1)), NotTaken, [], Holding("theirs", "a", "b", "other"));
        Assert.Equal(ApplicationReasons.PairTaken, Assert.IsType<Outcome.LaterOutcome>(problems.Outcome).Reason);
        Assert.Null(ApplicationProblems.Of(spec, "health", Agents(("gate-1", 1), ("gate-2", 1)), NotTaken, ["route/theirs"], Holding("theirs", "a", "b", "other")).Outcome);
    }

    [Fact]
    public void What_others_own_is_final_and_names_them()
    {
        var problems = ApplicationProblems.Of(Read(Spec), "health", Agents(("gate-1", 1), ("gate-2", 1)), new Dictionary<string, string> { ["microservice/b"] = "Microservice mine" }, [], Holding("r", "x", "y", "other", "b"));
        Assert.Contains("microservice/b belongs to Microservice mine", Assert.IsType<Outcome.RefusedOutcome>(problems.Outcome).Message, StringComparison.Ordinal);
        Assert.Equal(["microservice/b"], problems.Untouched);
    }

    [Fact]
    public void A_refused_step_keeps_its_child_back_and_names_its_field()
    {
        var problems = Of(Spec, ["other"], ("gate-1", 1), ("gate-2", 1));
        Assert.True(problems.Add(Read(Spec), new ApplicationStep.CreateMicroservice("b", []), new ControllerException(HttpStatusCode.BadRequest, "ValidationError", "Port '80' is not available")));
        Assert.False(problems.Add(Read(Spec), new ApplicationStep.CreateMicroservice("b", []), new ControllerException(HttpStatusCode.InternalServerError, "SequelizeForeignKeyConstraintError", "x")));
        Assert.StartsWith("spec.microservices[1].container.ports: ", Assert.IsType<Outcome.LaterOutcome>(problems.Outcome).Message, StringComparison.Ordinal);
        Assert.Contains("microservice/b", problems.Untouched);
    }

    [Fact]
    public void What_was_said_to_be_done_and_is_not_backs_off()
    {
        var problems = Of(Spec, ["other"], ("gate-1", 1), ("gate-2", 1));
        problems.AddKept([new ApplicationStep.UpdateMicroservice("a", "u", new MicroserviceWrite.Patch([], "env, agent")), new ApplicationStep.CreateRoute("r", "a", "b")]);
        var later = Assert.IsType<Outcome.LaterOutcome>(problems.Outcome);
        Assert.Contains("env, agent of microservice a (and 1 more)", later.Message, StringComparison.Ordinal);
    }

    private static ApplicationProblems Of(string spec, string[] microservices, params (string Name, int Type)[] agents) =>
        ApplicationProblems.Of(Read(spec), "health", Agents(agents), NotTaken, [], Holding("none", "x", "y", microservices));

    private static ApplicationSpec Read(string spec) => JsonSerializer.Deserialize(spec, ApplicationJson.Default.ApplicationSpec)!;

    private static Dictionary<string, AgentEntry> Agents(params (string Name, int Type)[] agents) =>
        agents.ToDictionary(agent => agent.Name, agent => new AgentEntry { Uuid = agent.Name, Name = agent.Name, FogTypeId = agent.Type });

    private static ApplicationEntry Holding(string route, string from, string to, params string[] microservices) => new()
    {
        Name = "health",
        Microservices = [.. microservices.Select(name => new MicroserviceEntry { Uuid = name, Name = name })],
        Routes = [new() { Name = route, From = from, To = to }],
    };
}
