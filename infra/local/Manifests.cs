using System.Net;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Local;

/// <summary>Applies manifests, as <c>kubectl apply --server-side</c> does.</summary>
internal static class Manifests
{
    private const int Tries = 40;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    public static async Task ApplyAsync(KubernetesApi api, JsonObject document, string @namespace, CancellationToken cancellationToken)
    {
        var (kind, name) = (document["kind"]!.GetValue<string>(), document["metadata"]!["name"]!.GetValue<string>());
        var path = kind switch
        {
            "CustomResourceDefinition" => $"apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}",
            "Secret" => $"api/v1/namespaces/{@namespace}/secrets/{name}",
            _ when Kinds.Find(kind) is { } own => own.PathOf(new ResourceKey(@namespace, name)),
            _ => throw new InvalidOperationException($"{kind} {name}: this kind can't be applied here; use kubectl"),
        };
        for (var tries = 1; ; tries++)
        {
            try
            {
                await api.ApplyAsync(path, document, KubernetesJson.Default.JsonObject, "iofog-local", cancellationToken);
                return;
            }
            catch (KubernetesException e) when (e.Code == HttpStatusCode.NotFound && tries < Tries)
            {
                // A definition is served a moment after it was created.
                await Task.Delay(Between, TimeProvider.System, cancellationToken);
            }
        }
    }
}
