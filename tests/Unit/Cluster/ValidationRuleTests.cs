using System.Text.Json.Nodes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Unit.Cluster;

/// <summary>The subset of CEL that the emulated API server has, and that it refuses all else.</summary>
public sealed class ValidationRuleTests
{
    private const string Spec = """
        type: object
        properties:
          replicas: {type: integer}
          ratio: {type: number}
          name: {type: string, maxLength: 63}
          on: {type: boolean}
          namespace: {type: string, maxLength: 63}
          port: {x-kubernetes-int-or-string: true}
          tags: {type: array, maxItems: 20, items: {type: string, maxLength: 63}}
          many: {type: array, items: {type: string}}
          labels: {type: object, maxProperties: 10, additionalProperties: {type: string, maxLength: 63}}
          database: {type: object, properties: {host: {type: string, maxLength: 253}}}
          ports: {type: array, maxItems: 10, items: {type: object, properties: {internal: {type: integer}, protocol: {type: string, enum: [tcp, udp]}}}}
        """;

    private const string Full =
        "{replicas: 2, ratio: 1, name: zebra, on: true, namespace: edge, port: 80, tags: [a, b], labels: {x: y}, database: {host: db}, ports: [{internal: 80, protocol: tcp}, {internal: 53, protocol: udp}]}";

    [Theory]
    [InlineData("self.replicas == 2 && self.ratio == 1.0 && self.on")]
    [InlineData("self.replicas + 1 > 2 && self.replicas * 3 % 4 == 2 && -self.replicas < 0 && 7 / 2 == 3")]
    [InlineData("self.name in ['zebra', 'gnu'] && !(self.name in ['gnu'])")]
    [InlineData("self.name.startsWith('ze') && self.name.endsWith('ra') && self.name.contains('eb')")]
    [InlineData("self.name.matches('^[a-z]+$') && !self.name.matches(\"^[0-9]+$\")")]
    [InlineData("size(self.name) == 5 && self.tags.size() == 2 && size(self.labels) == 1")]
    [InlineData("has(self.database) && has(self.database.host) && !has(self.many)")]
    [InlineData("has(self.many) ? size(self.many) > 0 : self.replicas == 2")]
    [InlineData("self.tags[1] == 'b' && self.labels['x'] == 'y' && self.labels.x == 'y' && 'x' in self.labels")]
    [InlineData("self.tags.all(tag, size(tag) == 1) && self.tags.exists(tag, tag == 'a') && self.tags.exists_one(tag, tag == 'b')")]
    [InlineData("self.ports.filter(p, p.protocol == 'udp').map(p, p.internal) == [53]")]
    [InlineData("self.labels.all(key, key == 'x')")]
    [InlineData("self.__namespace__ == 'edge'")]
    [InlineData("self.port == 80")]
    [InlineData("self.name + '-' + string(self.replicas) == 'zebra-2'")]
    [InlineData("self.many[0] == 'x' || self.on")]
    [InlineData("!(self.many[0] == 'x' && !self.on)")]
    public void Holds(string rule) => Assert.Empty(Check(rule, Full));

    [Theory]
    [InlineData("self.replicas > 2", "failed rule: self.replicas > 2")]
    [InlineData("self.many[0] == 'x'", "no such key: many")]
    [InlineData("self.tags[2] == 'x'", "index out of bounds: 2")]
    [InlineData("self.replicas / (self.replicas - 2) == 0", "division by zero")]
    public void Does_not_hold(string rule, string says) => Assert.Contains(says, Assert.Single(Check(rule, Full)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("self.nothing == 1", "undefined field 'nothing'")]
    [InlineData("self.replicas == 'two'", "no matching overload for '_==_' applied to '(int, string)'")]
    [InlineData("self.ratio == 1", "no matching overload")]
    [InlineData("self.replicas", "must evaluate to a bool, not int")]
    [InlineData("self.name.nothing()", "no matching overload for 'nothing'")]
    [InlineData("self.name == null", "no matching overload")]
    [InlineData("other == 1", "undeclared reference to 'other'")]
    [InlineData("self.name.matches('(')", "no pattern of the subset")]
    [InlineData("self.tags.all(tag)", "all takes a variable and an expression")]
    [InlineData("self.namespace == 'x'", "unexpected 'namespace'")]
    [InlineData("self.replicas ==", "the expression ends too early")]
    [InlineData("self.replicas = 1", "unexpected '='")]
    [InlineData("self.name == r'x'", "not in the subset")]
    [InlineData("has(self)", "has takes a field")]
    [InlineData("self.many.all(one, size(one) > 2 && one != 'x')", "estimated rule cost exceeds budget")]
    public void Refuses_the_definition(string rule, string says) =>
        Assert.Contains(says, Assert.Throws<SchemaRefusedException>(() => Schema(rule)).Message, StringComparison.Ordinal);

    [Fact]
    public void Compares_with_what_was_there()
    {
        var schema = Schema("self.name == oldSelf.name");
        Assert.Empty(Validate(schema, "{name: a}", null));
        Assert.Empty(Validate(schema, "{name: a, replicas: 2}", "{name: a}"));
        Assert.Single(Validate(schema, "{name: b}", "{name: a}"));
    }

    [Fact]
    public void Leaves_what_did_not_change() => Assert.Empty(Validate(Schema("self.replicas > 2"), "{replicas: 2}", "{replicas: 2}"));

    [Fact]
    public void Names_the_field_and_the_reason()
    {
        var error = Assert.Single(Validate(Schema("has(self.name)", ", message: a name is needed, reason: FieldValueRequired, fieldPath: .name"), "{replicas: 2}", null));
        Assert.Equal(new("FieldValueRequired", "spec.name", "Required value: a name is needed"), error);
        Assert.Throws<SchemaRefusedException>(() => Schema("has(self.name)", ", fieldPath: .nothing"));
        Assert.Throws<SchemaRefusedException>(() => Schema("has(self.name)", ", reason: Whatever"));
        Assert.Throws<SchemaRefusedException>(() => Schema("has(self.name)", ", messageExpression: self.name"));
    }

    private static IReadOnlyList<FieldError> Check(string rule, string spec) => Validate(Schema(rule), spec, null);

    private static IReadOnlyList<FieldError> Validate(StructuralSchema schema, string spec, string? before) =>
        schema.Validate(new() { ["spec"] = Flow(spec) }, before is null ? null : new() { ["spec"] = Flow(before) });

    private static JsonNode Flow(string text) => Yaml.Parse($"it: {text}")!["it"]!.DeepClone();

    private static StructuralSchema Schema(string rule, string more = "")
    {
        var spec = Yaml.Parse(Spec)!.AsObject();
        var entry = Flow($"{{rule: x{more}}}").AsObject();
        entry["rule"] = rule;
        spec["x-kubernetes-validations"] = new JsonArray(entry);
        return StructuralSchema.Parse(new() { ["type"] = "object", ["properties"] = new JsonObject { ["spec"] = spec } });
    }
}
