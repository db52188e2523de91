using System.Text;
using IoFog.Operator.Insight;

namespace IoFog.Operator.Cli;

/// <summary>A graph as text: a tree of what runs where, or the language of Graphviz.</summary>
internal static class GraphText
{
    /// <summary>Control plane, agents below what their routers connect to, what runs on each, and where it leads.</summary>
    public static void Tree(Graph graph, Output output)
    {
        var nodes = graph.Nodes.ToDictionary(node => node.Id);
        var below = graph.Edges.Where(edge => edge.Type is Graph.Upstream or Graph.RunsOn or Graph.OfferedBy).ToLookup(edge => edge.To, edge => edge.From);
        var routes = graph.Edges.Where(edge => edge.Type == Graph.Route).ToLookup(edge => edge.From);
        var shown = new HashSet<string>();
        foreach (var root in graph.Nodes.Where(node => node.Kind == "ControlPlane").Concat(graph.Nodes.Where(node => node.Kind is not ("Route" or "Application"))))
            Show(root.Id, "", "");
        if (graph.Nodes.Any(node => node.Kind == "Application"))
            output.Line();
        foreach (var application in graph.Nodes.Where(node => node.Kind == "Application"))
        {
            var parts = graph.Edges.Where(edge => edge.Type == Graph.PartOf && edge.To == application.Id).Select(edge => nodes[edge.From].Name);
            output.Line($"{Title(application)}: {string.Join(", ", parts)}");
        }

        void Show(string id, string lead, string rest)
        {
            if (!shown.Add(id))
                return;
            var leads = routes[id].Select(edge => $"{nodes[edge.To].Name} ({edge.Name})").ToArray();
            output.Line($"{lead}{Title(nodes[id])}{(leads.Length == 0 ? "" : output.Paint($" → {string.Join(", ", leads)}", Colours.Dim))}");
            var children = below[id].Distinct().Where(child => !shown.Contains(child)).OrderBy(child => nodes[child].Kind == "Agent").ThenBy(child => child, StringComparer.Ordinal).ToArray();
            foreach (var (i, child) in children.Index())
                Show(child, rest + (i == children.Length - 1 ? "└─ " : "├─ "), rest + (i == children.Length - 1 ? "   " : "│  "));
        }

        string Title(GraphNode node)
        {
            var state = Output.State(node.State);
            return $"{output.Paint(state.Text[..1], state.Colour)} {node.Kind} {output.Paint(node.Name, Colours.Bold)}{(node.State == ObjectState.Ready ? "" : $" {output.Paint(state.Text[2..], state.Colour)}")}";
        }
    }

    public static string Dot(Graph graph)
    {
        var text = new StringBuilder("digraph iofog {\n  rankdir=BT; node [shape=box, style=rounded];\n");
        foreach (var node in graph.Nodes.Where(node => node.Kind != "Route"))
            text.Append($"  {Quoted(node.Id)} [label={Quoted($"{node.Kind}\n{node.Name}")}{(node.State == ObjectState.Ready ? "" : ", color=red")}];\n");
        foreach (var edge in graph.Edges.Where(edge => !edge.From.StartsWith("Route/", StringComparison.Ordinal)))
            text.Append($"  {Quoted(edge.From)} -> {Quoted(edge.To)} [label={Quoted(edge.Name ?? edge.Type)}{(edge.Type == Graph.Route ? ", style=bold" : edge.Type == Graph.WaitsFor ? ", style=dashed" : "")}];\n");
        return text.Append('}').ToString();

        static string Quoted(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
    }
}
