using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Unit.Kubernetes;

/// <summary>Writes down what a watch tells: <c>begin</c>, <c>+name</c>, <c>listed</c>, <c>open</c>, <c>Modified name</c>, <c>lost</c>.</summary>
internal sealed class RecordingTarget : IWatchTarget
{
    private readonly ConcurrentQueue<string> told = [];

    public IReadOnlyList<string> Told => [.. told];

    /// <summary>The text of the last object.</summary>
    public string Last { get; private set; } = "";

    public void ListBegins() => told.Enqueue("begin");

    public void Received(WatchKind kind, ReadOnlySpan<byte> json)
    {
        Last = System.Text.Encoding.UTF8.GetString(json);
        var name = JsonNode.Parse(json, documentOptions: new() { MaxDepth = 20_000 })!["metadata"]!["name"]!.GetValue<string>();
        told.Enqueue(kind == WatchKind.Listed ? $"+{name}" : $"{kind} {name}");
    }

    public void Listed() => told.Enqueue("listed");

    public void Opened() => told.Enqueue("open");

    public void Lost() => told.Enqueue("lost");
}
