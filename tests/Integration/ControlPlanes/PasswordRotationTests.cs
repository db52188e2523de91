using System.Text;

namespace IoFog.Operator.Integration.ControlPlanes;

/// <summary>The user and its password, changed from either side.</summary>
public sealed class PasswordRotationTests
{
    private const string FromSecret = """{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","passwordSecretRef":{"name":"iofog-user"}}}""";

    [Fact]
    public async Task The_spec_changes_it()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        var revision = await stage.SecretTextAsync("controller-credentials", "revision");
        var changed = await stage.EditAsync("""{"user":{"password":"another-password"}}""");
        Assert.Equal("True ControlPlaneReady", changed.Condition("Ready"));
        Assert.True(await stage.SignsInAsync("another-password"));
        Assert.Equal("another-password", await stage.SecretTextAsync("controller-credentials", "password"));
        Assert.NotEqual(revision, (await stage.ReadAsync(stage.Deployment("port-manager")))["spec"]!["template"]!["metadata"]!["annotations"]!["iofog.org/credentials"]!.GetValue<string>());
        Assert.Contains("PasswordChanged", await stage.EventsAsync());
        Assert.DoesNotContain("another-password", await stage.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Secret_changes_it_and_is_waited_for()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        Assert.Equal("False SecretMissing", (await stage.CreateAsync(FromSecret)).Condition("Ready"));
        await stage.ApplyAsync(stage.Secret("iofog-user"), """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"iofog-user"},"stringData":{"password":"first-password"}}""");
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
        await stage.PatchAsync(stage.Secret("iofog-user"), $$$"""{"data":{"password":"{{{Encoded("second-password")}}}"}}""");
        await stage.SettleAsync();
        Assert.True(await stage.SignsInAsync("second-password"));
        Assert.Equal("second-password", await stage.SecretTextAsync("controller-credentials", "password"));
    }

    [Fact]
    public async Task The_Controller_changes_it_and_the_spec_follows()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        await stage.ClientOf(ControlPlaneStage.Password).ChangePasswordAsync(ControlPlaneStage.Password, "changed-by-jane", TestContext.Current.CancellationToken);
        var wrong = await stage.SettleAsync();
        Assert.Equal("False PasswordWrong", wrong.Condition("Ready"));
        Assert.Equal(ControlPlaneStage.Password, await stage.SecretTextAsync("controller-credentials", "password")); // the old one is not lost
        Assert.Equal("True ControlPlaneReady", (await stage.EditAsync("""{"user":{"password":"changed-by-jane"}}""")).Condition("Ready"));
        Assert.Equal("changed-by-jane", await stage.SecretTextAsync("controller-credentials", "password"));

        // Or the Secret is told, and the spec's password becomes the Controller's.
        await stage.ClientOf("changed-by-jane").ChangePasswordAsync("changed-by-jane", "changed-again", TestContext.Current.CancellationToken);
        Assert.Equal("False PasswordWrong", (await stage.SettleAsync()).Condition("Ready"));
        await stage.PatchAsync(stage.Secret("controller-credentials"), $$$"""{"data":{"password":"{{{Encoded("changed-again")}}}"}}""");
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
        Assert.True(await stage.SignsInAsync("changed-by-jane"));
    }

    [Fact]
    public async Task A_Controller_that_loses_its_users_gets_one_again()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        Assert.SkipWhen(stage.Emulator is null, "the users of a real Controller are not taken away");
        await stage.CreateAsync();
        await stage.ClientOf(ControlPlaneStage.Password).ChangePasswordAsync(ControlPlaneStage.Password, "changed-by-jane", TestContext.Current.CancellationToken);
        Assert.Equal("False PasswordWrong", (await stage.SettleAsync()).Condition("Ready"));
        var tried = stage.Emulator!.Journal.Count(entry => entry.Path.EndsWith("/signup", StringComparison.Ordinal));
        await stage.SettleAsync();
        Assert.Equal(tried, stage.Emulator!.Journal.Count(entry => entry.Path.EndsWith("/signup", StringComparison.Ordinal))); // a look is no try

        // Nobody says so, but it has another database now.
        stage.Emulator!.State.Users.Clear();
        stage.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
        Assert.True(await stage.SignsInAsync(ControlPlaneStage.Password));

        // Here its pods start anew, which is seen.
        await stage.ClientOf(ControlPlaneStage.Password).ChangePasswordAsync(ControlPlaneStage.Password, "changed-by-jane", TestContext.Current.CancellationToken);
        Assert.Equal("False PasswordWrong", (await stage.SettleAsync()).Condition("Ready"));
        await stage.PatchAsync($"{stage.Deployment("controller")}/status", """{"status":{"availableReplicas":0}}""");
        Assert.Equal("False RollingOut", (await stage.LookAsync())!.Condition("Ready"));
        stage.Emulator!.State.Users.Clear();
        await stage.PatchAsync($"{stage.Deployment("controller")}/status", """{"status":{"availableReplicas":1}}""");
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
    }

    [Fact]
    public async Task Base64_as_iofogctl_writes_it_is_decoded_and_what_the_Controller_knows_is_right()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        var encoded = Encoded("change-me-please");
        await stage.CreateAsync($$$"""{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"{{{encoded}}}"}}""");
        Assert.True(await stage.SignsInAsync("change-me-please"));
        Assert.Equal("change-me-please", await stage.SecretTextAsync("controller-credentials", "password"));
        Assert.Equal(encoded, await stage.SecretTextAsync("controller-credentials", "encoded")); // which the port manager decodes
        Assert.Contains("PasswordDecoded", await stage.EventsAsync());

        // Somebody whose password is that text.
        await stage.ClientOf("change-me-please").ChangePasswordAsync("change-me-please", encoded, TestContext.Current.CancellationToken);
        await stage.SettleAsync();
        Assert.True(await stage.SignsInAsync(encoded));
        Assert.Equal(encoded, await stage.SecretTextAsync("controller-credentials", "password"));
    }

    [Fact]
    public async Task Names_follow_and_another_e_mail_is_refused()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        await stage.EditAsync("""{"user":{"surname":"Smith"}}""");
        Assert.Equal("Smith", (await stage.ClientOf(ControlPlaneStage.Password).GetProfileAsync(TestContext.Current.CancellationToken)).LastName);
        var refused = await stage.EditAsync("""{"user":{"email":"joe@example.com"}}""");
        Assert.Equal("False EmailChanged", refused.Condition("Ready"));
        Assert.False(await stage.SignsInAsync(ControlPlaneStage.Password, "joe@example.com"));
        Assert.Equal("True ControlPlaneReady", (await stage.EditAsync("""{"user":{"email":"jane@example.com"}}""")).Condition("Ready"));
    }

    [Fact]
    public async Task A_password_that_is_too_short_is_refused()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        var refused = await stage.CreateAsync("""{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"short"}}""");
        Assert.Equal("False PasswordTooShort", refused.Condition("Ready"));
        Assert.Empty(await stage.OwnedAsync());
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
