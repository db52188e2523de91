using System.Text.Json;
using IoFog.Operator.Hosting;

namespace IoFog.Operator.Unit.Hosting;

public sealed class QueueMessageTests
{
    [Theory]
    [InlineData("""{"Data":{"change":"\"{\\\"hello\\\":\\\"wörld\\\",\\\"n\\\":1}\""}}""", """{"hello":"wörld","n":1}""")]
    [InlineData("""{"Data":{"change":"\"plain text \\\"quoted\\\"\""}}""", "plain text \"quoted\"")]
    [InlineData("""{"Data":{"change":"\"42\""}}""", "42")]
    [InlineData("""{"Data":{"change":"\"[1,2]\""}}""", "[1,2]")]
    [InlineData("""{"Data":{"change":"\"\""}}""", "")]
    public void Reads_the_text_as_it_was_sent(string body, string text) => Assert.Equal(text, Read(body));

    [Theory]
    [InlineData("""{"Data":{"change":"not encoded twice"}}""", "not encoded twice")]
    [InlineData("""{"Data":{"change":{"id":"1"}}}""", """{"id":"1"}""")]
    public void Takes_what_another_host_encodes_less(string body, string text) => Assert.Equal(text, Read(body));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Data":null}""")]
    [InlineData("""{"Data":{"item":"\"x\""}}""")]
    public void Refuses_a_body_without_the_binding_and_names_it(string body) =>
        Assert.Contains("Data.change", Assert.Throws<JsonException>(() => Read(body)).Message, StringComparison.Ordinal);

    private static string Read(string body)
    {
        using var parsed = JsonDocument.Parse(body);
        return QueueMessage.Read(parsed, "change");
    }
}
