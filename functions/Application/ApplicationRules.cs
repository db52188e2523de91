using System.Text.Json;
using IoFog.Operator.Controller;
using IoFog.Operator.Microservices;

namespace IoFog.Operator.Applications;

/// <summary>What can't work whatever the Controller holds.</summary>
public static class ApplicationRules
{
    /// <summary>The first thing that can't work, with the path of its field; null when there is none.</summary>
    public static string? Broken(ApplicationSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (Literal.FindUnkeepable(JsonSerializer.SerializeToNode(spec, ApplicationJson.Default.ApplicationSpec), "spec") is { } path)
            return $"{path} holds {{% endraw %}}, which the Controller can't store";
        var (microservices, routes) = (spec.Microservices ?? [], spec.Routes ?? []);
        if (spec.Template is not null && microservices.Count + routes.Count > 0)
            return "spec.template and spec.microservices or spec.routes exclude each other";
        for (var i = 0; i < microservices.Count; i++)
        {
            if (string.IsNullOrEmpty(microservices[i].Name))
                return $"spec.microservices[{i}].name is needed";
            if (microservices.Take(i).Any(other => other.Name == microservices[i].Name))
                return $"spec.microservices[{i}].name {microservices[i].Name} is there already";
            if (MicroserviceRules.Broken(microservices[i], $"spec.microservices[{i}]") is { } broken)
                return broken;
        }

        for (var i = 0; i < routes.Count; i++)
        {
            if (routes.Take(i).Any(other => other.NameOrDefault == routes[i].NameOrDefault))
                return $"spec.routes[{i}].name {routes[i].NameOrDefault} is there already";
            if (routes.Take(i).FirstOrDefault(other => other.From == routes[i].From && other.To == routes[i].To) is { } same)
                return $"spec.routes[{i}] leads from {same.From} to {same.To}, as {same.NameOrDefault} does";
        }

        return null;
    }
}
