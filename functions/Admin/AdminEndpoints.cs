using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IoFog.Operator.Admin;

/// <summary>The HTTP functions for people, scripts and probes; each has a function.json in the folder of its name.</summary>
public static class AdminEndpoints
{
    public static IServiceCollection AddAdmin(this IServiceCollection services, IConfiguration settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton(AdminOptions.Read(settings)).AddSingleton<Access>().AddSingleton<Objects>().AddSingleton<Queues>();
    }

    public static void MapAdmin(this IEndpointRouteBuilder app)
    {
        var (access, objects, queues) = (
            app.ServiceProvider.GetRequiredService<Access>(), app.ServiceProvider.GetRequiredService<Objects>(), app.ServiceProvider.GetRequiredService<Queues>());
        Map("GET", "/api/health", (context, _) => Answer.WriteAsync(context, 200, new() { ["status"] = "ok" }));
        Map("GET", "/api/overview", async (context, token) =>
        {
            var kinds = new JsonObject();
            foreach (var kind in Kinds.All)
            {
                await access.RequireAsync(context.Request, kind, "list", token);
                kinds[kind.Name] = new JsonObject { ["objects"] = await objects.CountAsync(kind, token), ["queue"] = await queues.CountAsync(kind, token) };
            }

            await Answer.WriteAsync(context, 200, new() { ["kinds"] = kinds });
        });
        Map("GET", "/api/objects/{kind}/{name}", async (context, token) =>
        {
            var kind = KindOf(context);
            await access.RequireAsync(context.Request, kind, "get", token);
            await Answer.WriteAsync(context, 200, await objects.GetAsync(kind, Value(context, "name"), token));
        });
        Map("POST", "/api/objects/{kind}/{name}/reconcile", async (context, token) =>
        {
            var kind = KindOf(context);
            await access.RequireAsync(context.Request, kind, "update", token);
            await Answer.WriteAsync(context, 202, new() { ["request"] = await objects.RequestAsync(kind, Value(context, "name"), token) });
        });
        Map("GET", "/api/poison/{kind}", async (context, token) =>
        {
            var kind = KindOf(context);
            await access.RequireAsync(context.Request, kind, "list", token);
            await Answer.WriteAsync(context, 200, new() { ["messages"] = await queues.ListPoisonAsync(kind, token) });
        });
        Map("DELETE", "/api/poison/{kind}/{id}", async (context, token) =>
        {
            var kind = KindOf(context);
            await access.RequireAsync(context.Request, kind, "update", token);
            await queues.DiscardAsync(kind, Value(context, "id"), token);
            await Answer.WriteAsync(context, 200, new() { ["discarded"] = Value(context, "id") });
        });

        void Map(string method, string pattern, Func<HttpContext, CancellationToken, Task> handle) =>
            app.MapMethods(pattern, [method], (RequestDelegate)(context => GuardAsync(context, handle)));
    }

    private static async Task GuardAsync(HttpContext context, Func<HttpContext, CancellationToken, Task> handle)
    {
        try
        {
            await handle(context, context.RequestAborted);
        }
        catch (Problem problem)
        {
            await problem.WriteAsync(context);
        }
        catch (Exception e) when (e is KubernetesException or HttpRequestException or Azure.RequestFailedException)
        {
            await new Problem(StatusCodes.Status502BadGateway, e is KubernetesException ? e.Message : $"The cluster or the storage account does not answer ({e.GetType().Name})")
                .WriteAsync(context);
        }
    }

    private static Kind KindOf(HttpContext context) =>
        Kinds.FindByPlural(Value(context, "kind").ToLowerInvariant())
        ?? throw new Problem(StatusCodes.Status404NotFound, $"There is no kind {Value(context, "kind")}; there are {string.Join(", ", Kinds.All.Select(kind => kind.Plural))}");

    private static string Value(HttpContext context, string name) => context.Request.RouteValues[name]!.ToString()!;
}
