using System.Globalization;
using System.Text.Json;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Admin;

/// <summary>The HTTP functions for people, scripts and probes; each has a function.json in the folder of its name.</summary>
public static class AdminEndpoints
{
    /// <summary>Adds the admin functions; they need what <c>AddController</c> adds.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services, IConfiguration settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KubernetesEvents>();
        return services.AddSingleton(AdminOptions.Read(settings))
            .AddSingleton<IReviews>(provider => provider.GetRequiredService<AdminOptions>() is { SelfReviews: true } options
                ? new SelfReviews(KubernetesConnection.OpenForCallers(options.Kubeconfig), options)
                : new ClusterReviews(provider.GetRequiredService<KubernetesApi>(), provider.GetRequiredService<AdminOptions>()))
            .AddSingleton<Access>().AddSingleton<Snapshot>().AddSingleton<Requests>().AddSingleton<Views>().AddSingleton<Acts>().AddSingleton<Bundle>();
    }

    public static void MapAdmin(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var options = services.GetRequiredService<AdminOptions>();
        var (access, snapshot, views, acts) = (
            services.GetRequiredService<Access>(), services.GetRequiredService<Snapshot>(), services.GetRequiredService<Views>(), services.GetRequiredService<Acts>());

        Open("/api/health", (context, _) => Answer.WriteAsync(context, 200, new() { ["status"] = "ok" }));
        Open("/api/ready", async (context, token) =>
        {
            var (cluster, storage) = await views.AnswersAsync(token);
            await Answer.WriteAsync(context, cluster && storage ? 200 : 503, new() { ["cluster"] = cluster ? "ok" : "away", ["storage"] = storage ? "ok" : "away" });
        });
        Open("/api/openapi.json", (context, _) => Page.WriteFileAsync(context, "openapi.json"));
        Open("/api/ui/{file?}", (context, _) => Page.WriteAsync(context, TryValue(context, "file")));

        Map("GET", "/api/overview", async (context, caller, token) =>
        {
            var seen = await access.KindsAsync(caller, "list", token);
            var acted = await Task.WhenAll(seen.Select(kind => access.MayAsync(caller, kind, "update", null, token)));
            await Answer.ShowAsync(context, await views.OverviewAsync(caller, seen, [.. seen.Where((_, i) => acted[i])], token), AdminJson.Default.Overview);
        });
        Map("GET", "/api/objects/{kind?}", async (context, caller, token) =>
        {
            var network = (await snapshot.ReadAsync(token)).Only(await KindsOfAsync(context, caller, token));
            await Answer.ShowAsync(context, new([.. network.Objects.Select(item => item.Summary)]), AdminJson.Default.ObjectList);
        });
        Map("GET", "/api/objects/{kind}/{name}", async (context, caller, token) =>
        {
            var (kind, name) = await ObjectOfAsync(context, caller, "get", token);
            await Answer.ShowAsync(context, await views.ObjectAsync(kind, name, await access.MayAsync(caller, kind, "update", name, token), token), AdminJson.Default.ObjectView);
        });
        Map("GET", "/api/objects/{kind}/{name}/comparison", async (context, caller, token) =>
        {
            var (kind, name) = await ObjectOfAsync(context, caller, "get", token);
            await Answer.ShowAsync(context, await views.CompareAsync(kind, name, token), AdminJson.Default.ComparisonView);
        });
        Map("POST", "/api/objects/{kind}/{name}/{act}", async (context, caller, token) =>
        {
            var (kind, name) = await ObjectOfAsync(context, caller, "update", token);
            var act = Value(context, "act");
            var after = await acts.ActAsync(caller, act, kind, name, token);
            await Answer.WriteAsync(context, 202, new()
            {
                ["act"] = act,
                ["object"] = $"{kind}/{name}",
                ["request"] = act == Acts.Reconcile ? after["metadata"]!["annotations"]![Requests.ReconcileAnnotation]!.DeepClone() : null,
            });
        });
        Map("POST", "/api/reconcile/{kind?}", async (context, caller, token) =>
        {
            IReadOnlyList<Kind> kinds = TryValue(context, "kind") is null ? Kinds.All : [KindOf(context)];
            foreach (var kind in kinds)
            {
                await access.RequireAsync(caller, kind, "list", null, token);
                await access.RequireAsync(caller, kind, "update", null, token);
            }

            await Answer.WriteAsync(context, 202, new() { ["act"] = Acts.Reconcile, ["objects"] = await acts.ReconcileAllAsync(caller, [.. kinds], token) });
        });
        Map("GET", "/api/why/{kind}/{name}", async (context, caller, token) =>
        {
            var (kind, name) = await ObjectOfAsync(context, caller, "get", token);
            var network = (await snapshot.ReadAsync(token)).Only([.. (await access.KindsAsync(caller, "list", token)).Append(kind).Distinct()]);
            await Answer.ShowAsync(context, Why.Of(network, kind, name) ?? throw new Problem(404, $"There is no {kind} {name}"), InsightJson.Default.Why);
        });
        Map("GET", "/api/graph", async (context, caller, token) =>
            await Answer.ShowAsync(context, Graph.Of((await snapshot.ReadAsync(token)).Only([.. await access.KindsAsync(caller, "list", token)])), InsightJson.Default.Graph));
        Map("GET", "/api/poison/{kind?}", async (context, caller, token) =>
            await Answer.ShowAsync(context, new(await views.PoisonAsync(await KindsOfAsync(context, caller, token), token)), AdminJson.Default.PoisonList));
        Map("DELETE", "/api/poison/{kind}/{id}", async (context, caller, token) =>
        {
            var kind = KindOf(context);
            await access.RequireAsync(caller, kind, "update", null, token);
            await acts.DiscardAsync(caller, views.PoisonOf(kind), kind, Value(context, "id"), token);
            await Answer.WriteAsync(context, 200, new() { ["act"] = "discard", ["id"] = Value(context, "id") });
        });
        Map("GET", "/api/diagnostics", async (context, caller, token) =>
        {
            var zip = await services.GetRequiredService<Bundle>().MakeAsync(caller, [.. await access.KindsAsync(caller, "list", token)], token);
            var day = services.GetRequiredService<TimeProvider>().GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"iofog-diagnostics-{day}.zip\"";
            await Answer.WriteAsync(context, 200, zip, "application/zip");
        });

        void Open(string pattern, Func<HttpContext, CancellationToken, Task> handle) =>
            app.MapMethods(pattern, ["GET"], (RequestDelegate)(context => GuardAsync(context, handle)));

        void Map(string method, string pattern, Func<HttpContext, Caller, CancellationToken, Task> handle) =>
            app.MapMethods(pattern, [method], (RequestDelegate)(context => GuardAsync(context, async (_, token) =>
            {
                var caller = await access.AuthenticateAsync(context.Request, token);
                try
                {
                    await handle(context, caller, token);
                }
                catch (Problem problem) when (problem.Status == StatusCodes.Status403Forbidden)
                {
                    Log.ActRefused(LoggerOf(context), caller.Name, problem.Message);
                    throw;
                }
            })));

        async Task<(Kind Kind, string Name)> ObjectOfAsync(HttpContext context, Caller caller, string verb, CancellationToken token)
        {
            var (kind, name) = (KindOf(context), Value(context, "name"));
            if (!ResourceKey.TryParse($"{options.Namespace}/{name}", out _)) // it becomes a part of a path: another one could be a list
                throw new Problem(StatusCodes.Status404NotFound, $"There is no {kind} of this name, nor can there be one");
            await access.RequireAsync(caller, kind, verb, name, token);
            return (kind, name);
        }

        async Task<IReadOnlyCollection<Kind>> KindsOfAsync(HttpContext context, Caller caller, CancellationToken token)
        {
            if (TryValue(context, "kind") is null)
                return [.. await access.KindsAsync(caller, "list", token)];
            var kind = KindOf(context);
            await access.RequireAsync(caller, kind, "list", null, token);
            return [kind];
        }
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
        catch (Exception e) when (e is KubernetesException or HttpRequestException or Azure.RequestFailedException or AggregateException or JsonException)
        {
            // An AggregateException is how the storage client says that all of its tries failed.
            var why = e is KubernetesException ? e.Message : $"The cluster or the storage account does not answer ({e.GetType().Name})";
            Log.RequestFailed(LoggerOf(context), why);
            await new Problem(StatusCodes.Status502BadGateway, why).WriteAsync(context);
        }
    }

    private static ILogger LoggerOf(HttpContext context) => context.RequestServices.GetRequiredService<ILogger<Acts>>();

    private static Kind KindOf(HttpContext context) => Kinds.Match(Value(context, "kind"))
        ?? throw new Problem(StatusCodes.Status404NotFound, $"There is no kind {Value(context, "kind")}; there are {string.Join(", ", Kinds.All.Select(kind => kind.Plural))}");

    private static string Value(HttpContext context, string name) => TryValue(context, name)!;

    private static string? TryValue(HttpContext context, string name) => context.Request.RouteValues.GetValueOrDefault(name)?.ToString();
}
