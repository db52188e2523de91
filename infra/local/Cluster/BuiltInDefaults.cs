using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What the API server fills in for built-ins; the part of it that the operator and its users meet.</summary>
internal static class BuiltInDefaults
{
    public static void Fill(ResourceType type, JsonObject body)
    {
        if (!type.IsCustom && (type == ResourceTypes.Pod ? body["spec"] : body["spec"]?["template"]?["spec"]) is JsonObject pod)
            FillPod(pod);
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
        }
        else if (type == ResourceTypes.Job && body["spec"] is JsonObject job)
        {
            if (job["completions"] is null && job["parallelism"] is null)
                job["completions"] = 1;
            job["parallelism"] ??= 1;
            job["backoffLimit"] ??= 6;
            job["completionMode"] ??= "NonIndexed";
            job["suspend"] ??= false;
            job["manualSelector"] ??= false;
            job["podReplacementPolicy"] ??= "TerminatingOrFailed";
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
            if (service["type"]!.ToString() != "ExternalName")
            {
                service["clusterIP"] ??= AddressOf($"{body["metadata"]!["namespace"]}/{body["metadata"]!["name"]}");
                service["clusterIPs"] ??= new JsonArray(service["clusterIP"]!.DeepClone());
                service["ipFamilies"] ??= new JsonArray("IPv4");
                service["ipFamilyPolicy"] ??= "SingleStack";
            }

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
            body["metadata"]!["labels"] ??= new JsonObject();
            body["metadata"]!["labels"]!["kubernetes.io/metadata.name"] = body["metadata"]!["name"]!.DeepClone();
        }
    }

    /// <summary>A Job's pods are told apart by its uid, unless it says that it selects them itself.</summary>
    public static void LabelJob(JsonObject body)
    {
        if (body["spec"] is not JsonObject job || job["template"] is not JsonObject template || $"{job["manualSelector"]}" == "true")
            return;
        var (uid, name) = ($"{body["metadata"]!["uid"]}", $"{body["metadata"]!["name"]}");
        job["selector"] ??= new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = uid } };
        template["metadata"] ??= new JsonObject();
        template["metadata"]!["labels"] ??= new JsonObject();
        foreach (var (label, value) in new[] { ("batch.kubernetes.io/controller-uid", uid), ("batch.kubernetes.io/job-name", name), ("controller-uid", uid), ("job-name", name) })
            template["metadata"]!["labels"]![label] = value;
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

    // Nothing answers there: what needs no more of an address than that it stays is content with one that is made of the name.
    private static string AddressOf(string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return $"10.96.{hash[0]}.{Math.Clamp(hash[1], (byte)1, (byte)254)}";
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
        pod["securityContext"] ??= new JsonObject();
        if (pod["serviceAccountName"] is { } account)
            pod["serviceAccount"] ??= account.DeepClone(); // its former name
        foreach (var volume in pod["volumes"] as JsonArray ?? [])
        {
            foreach (var source in new[] { volume!["secret"], volume["configMap"], volume["projected"] }.OfType<JsonObject>())
                source["defaultMode"] ??= 420;
        }

        foreach (var container in new[] { pod["containers"], pod["initContainers"] }.OfType<JsonArray>().SelectMany(list => list).OfType<JsonObject>())
            FillContainer(container);
    }

    private static void FillContainer(JsonObject container)
    {
        container["resources"] ??= new JsonObject();
        container["terminationMessagePath"] ??= "/dev/termination-log";
        container["terminationMessagePolicy"] ??= "File";
        container["imagePullPolicy"] ??= IsLatest(container["image"]?.ToString() ?? "") ? "Always" : "IfNotPresent";
        foreach (var port in container["ports"] as JsonArray ?? [])
            port!["protocol"] ??= "TCP";
        foreach (var variable in container["env"] as JsonArray ?? [])
        {
            if (variable?["valueFrom"]?["fieldRef"] is { } field)
                field["apiVersion"] ??= "v1";
        }

        foreach (var probe in new[] { container["readinessProbe"], container["livenessProbe"], container["startupProbe"] }.OfType<JsonObject>())
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
