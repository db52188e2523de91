using Microsoft.Playwright;

namespace IoFog.Operator.EndToEnd;

/// <summary>A real browser without a screen: Chromium as the system has it, or the one that <c>IOFOG_TEST_CHROMIUM</c> names.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        var path = Environment.GetEnvironmentVariable("IOFOG_TEST_CHROMIUM") is { Length: > 0 } named ? named : Places.FirstOrDefault(File.Exists);
        if (path is null || !File.Exists(path))
            throw new InvalidOperationException($"No browser: install Chromium (apt-get install chromium), or name one by IOFOG_TEST_CHROMIUM{(path is null ? "" : $"; {path} does not exist")}");
        Assertions.SetDefaultExpectTimeout(45_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }

    /// <summary>A window of its own; what is wrong in it (errors, what the page's policy refuses) is added to the list.</summary>
    internal async Task<IPage> OpenAsync(List<string> wrong, ColorScheme colours = ColorScheme.Light)
    {
        var context = await browser!.NewContextAsync(new() { ColorScheme = colours, ViewportSize = new() { Width = 1440, Height = 900 }, ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(45_000);
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => wrong.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal))
                wrong.Add(message.Text);
        };
        return page;
    }
}
