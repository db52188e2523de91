using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What the API server fills in for built-ins; the part of it that the operator and its users meet.</summary>
internal static class BuiltInDefaults
{
    public static void Fill(ResourceType type, JsonObject body)
    {
        if (type == ResourceTypes.Deployment && body["spec"] is JsonObject deployment)
        {
            deployment["replicas"] ??= 1;
            deployment["revisionHistoryLimit"] ??= 10;
            deployment["progressDeadlineSeconds"] ??= 600;
            foreach (var container in deployment["template"]?["spec"]?["containers"] as JsonArray ?? [])
            {
                container!["terminationMessagePath"] ??= "/dev/termination-log";
                container["imagePullPolicy"] ??= "IfNotPresent";
                foreach (var port in container["ports"] as JsonArray ?? [])
                    port!["protocol"] ??= "TCP";
            }
        }
        else if (type == ResourceTypes.Job && body["spec"] is JsonObject job)
        {
            job["parallelism"] ??= 1;
            job["completions"] ??= 1;
            job["backoffLimit"] ??= 6;
            job["completionMode"] ??= "NonIndexed";
            job["suspend"] ??= false;
        }
        else if (type == ResourceTypes.Service && body["spec"] is JsonObject service)
        {
            service["type"] ??= "ClusterIP";
            service["sessionAffinity"] ??= "None";
            foreach (var port in service["ports"] as JsonArray ?? [])
            {
                port!["protocol"] ??= "TCP";
                port["targetPort"] ??= port["port"]?.DeepClone();
            }
        }
        else if (type.Kind == "Secret")
        {
            body["type"] ??= "Opaque";
            foreach (var (key, text) in body["stringData"] as JsonObject ?? [])
            {
                body["data"] ??= new JsonObject();
                body["data"]![key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text!.GetValue<string>()));
            }

            body.Remove("stringData");
        }
        else if (type == ResourceTypes.Namespace)
        {
            body["spec"] ??= new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
            body["status"] ??= new JsonObject { ["phase"] = "Active" };
        }
    }
}
