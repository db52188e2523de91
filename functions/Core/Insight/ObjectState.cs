using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoFog.Operator.Insight;

/// <summary>How an object does, in one word.</summary>
public enum ObjectState
{
    /// <summary>Nobody has looked at it yet.</summary>
    New,

    /// <summary>It works.</summary>
    Ready,

    /// <summary>It is in place and does not work, or is still being set up.</summary>
    NotReady,

    /// <summary>Something that it needs is missing.</summary>
    Waiting,

    /// <summary>It can't work as it is written.</summary>
    Refused,

    /// <summary>An annotation stops all work on it.</summary>
    Paused,

    /// <summary>It is on its way out.</summary>
    Deleting,

    /// <summary>Others name it, and it is not there.</summary>
    Missing,

    /// <summary>Others name it, and whoever looks may not see its kind.</summary>
    Unknown,
}

/// <summary>Camel case on the wire.</summary>
public sealed class ObjectStateConverter() : JsonStringEnumConverter<ObjectState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
