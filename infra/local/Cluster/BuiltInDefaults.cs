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
            deployment["strategy"] ??= new JsonObject();
            deployment["strategy"]!["type"] ??= "RollingUpdate";
            if (deployment["strategy"]!["type"]!.ToString() == "RollingUpdate")
            {
                deployment["strategy"]!["rollingUpdate"] ??= new JsonObject();
                deployment["strategy"]!["rollingUpdate"]!["maxUnavailable"] ??= "25%";
                deployment["strategy"]!["rollingUpdate"]!["maxSurge"] ??= "25%";
            }

            if (deployment["template"]?["spec"] is JsonObject pod)
                FillPod(pod);
            foreach (var container in deployment["template"]?["spec"]?["containers"] as JsonArray ?? [])
            {
                container!["terminationMessagePath"] ??= "/dev/termination-log";
                container["terminationMessagePolicy"] ??= "File";
                container["imagePullPolicy"] ??= IsLatest(container["image"]?.ToString() ?? "") ? "Always" : "IfNotPresent";
                foreach (var port in container["ports"] as JsonArray ?? [])
                    port!["protocol"] ??= "TCP";
                foreach (var variable in container["env"] as JsonArray ?? [])
                {
                    if (variable?["valueFrom"]?["fieldRef"] is { } field)
                        field["apiVersion"] ??= "v1";
                }

                foreach (var probe in new[] { container["readinessProbe"], container["livenessProbe"] }.OfType<JsonObject>())
                {
                    probe["timeoutSeconds"] ??= 1;
                    probe["periodSeconds"] ??= 10;
                    probe["successThreshold"] ??= 1;
                    probe["failureThreshold"] ??= 3;
                    if (probe["httpGet"] is { } get)
                        get["scheme"] ??= "HTTP";
                }
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
            service["internalTrafficPolicy"] ??= "Cluster";
            if (service["type"]!.ToString() is "NodePort" or "LoadBalancer")
                service["externalTrafficPolicy"] ??= "Cluster";
            if (service["type"]!.ToString() == "LoadBalancer")
                service["allocateLoadBalancerNodePorts"] ??= true;
            foreach (var port in service["ports"] as JsonArray ?? [])
            {
                port!["protocol"] ??= "TCP";
                port["targetPort"] ??= port["port"]?.DeepClone();
            }
        }
        else if (type == ResourceTypes.Claim && body["spec"] is JsonObject claim)
        {
            claim["volumeMode"] ??= "Filesystem";
            claim["storageClassName"] ??= "standard";
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

    /// <summary>A Service that becomes of another type loses what only the old one has, unless somebody has just changed it.</summary>
    public static void DropOfOtherType(ResourceType type, JsonObject before, JsonObject after)
    {
        if (type != ResourceTypes.Service || after["spec"] is not JsonObject spec || before["spec"] is not JsonObject old)
            return;
        if (spec["type"]?.ToString() == "ClusterIP" && JsonNode.DeepEquals(spec["externalTrafficPolicy"], old["externalTrafficPolicy"]))
            spec.Remove("externalTrafficPolicy");
        if (spec["type"]?.ToString() == "LoadBalancer")
            return;
        foreach (var field in new[] { "loadBalancerClass", "allocateLoadBalancerNodePorts" })
        {
            if (JsonNode.DeepEquals(spec[field], old[field]))
                spec.Remove(field);
        }
    }

    // The tag is what follows the last colon after the last slash; a digest is no tag, and never the latest.
    private static bool IsLatest(string image) =>
        !image.Contains('@', StringComparison.Ordinal) && (image[(image.LastIndexOf('/') + 1)..].Split(':') is not [_, var tag] || tag == "latest");

    private static void FillPod(JsonObject pod)
    {
        pod["restartPolicy"] ??= "Always";
        pod["dnsPolicy"] ??= "ClusterFirst";
        pod["schedulerName"] ??= "default-scheduler";
        pod["terminationGracePeriodSeconds"] ??= 30;
        foreach (var volume in pod["volumes"] as JsonArray ?? [])
        {
            if (volume?["secret"] is { } secret)
                secret["defaultMode"] ??= 420;
        }
    }
}
