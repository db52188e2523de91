using IoFog.Operator.ControlPlanes;

namespace IoFog.Operator.Unit.ControlPlanes;

public sealed class PasswordTests
{
    [Theory]
    [InlineData("change-me-please")] // a dash is no base64
    [InlineData("abcdefgh")] // base64 of what is no text
    [InlineData("password")] // base64 of what is no text
    [InlineData("Zm9v")] // of "foo": too short to be a password
    [InlineData("YWJjZGVmZ2gK")] // of a text with a line end, as nobody types it
    [InlineData("g9hr823rhuoi")]
    [InlineData("YWJjZGVmZ2g")] // without its padding: iofogctl writes it
    public void Is_taken_as_it_is(string text) => Assert.Equal([text], Password.Readings(text));

    [Theory]
    [InlineData("Z9hr823rhuoi-ok")]
    [InlineData("g9hr823rhuoi")]
    [InlineData("Пароль-пароль")]
    public void Is_read_as_iofogctl_writes_it_and_may_still_be_the_text_itself(string plain) =>
        Assert.Equal([plain, Password.Encoded(plain)], Password.Readings(Password.Encoded(plain)));
}
