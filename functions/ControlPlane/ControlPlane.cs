using System.Text.Json.Serialization;

namespace IoFog.Operator.ControlPlanes;

/// <summary>What is known of a control plane.</summary>
public sealed record ControlPlaneStatus : Status
{
    /// <summary>Where the Controller answers.</summary>
    public string? Endpoint { get; init; }

    public string? ControllerVersion { get; init; }

    /// <summary>Until when the router's certificates are good.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? CertificatesExpire { get; init; }

    /// <summary>What agents connect to.</summary>
    public string? RouterAddress { get; init; }

    public IReadOnlyList<ControlPlaneComponent>? Components { get; init; }

    /// <summary>Adds the pair of conditions that iofogctl waits for: exactly one is True, and <c>ready</c> equals Ready.</summary>
    public override IReadOnlyList<Condition> Arrange(IReadOnlyList<Condition> conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        var ready = conditions.First(condition => condition.Type == Names.Ready);
        var isReady = ready.Status == "True";
        return [Pair("ready", isReady), Pair("deploying", !isReady), .. conditions];

        Condition Pair(string type, bool holds)
        {
            var last = Conditions?.FirstOrDefault(condition => condition.Type == type);
            var status = holds ? "True" : "False";
            return ready with
            {
                Type = type,
                Status = status,
                LastTransitionTime = last?.Status == status ? last.LastTransitionTime : ready.LastTransitionTime,
            };
        }
    }
}

/// <summary>A part of a control plane.</summary>
public sealed record ControlPlaneComponent(string Name, bool Ready, string? Message);

[JsonSerializable(typeof(Resource<ControlPlaneSpec, ControlPlaneStatus>), TypeInfoPropertyName = "ControlPlane")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ControlPlaneJson : JsonSerializerContext;
