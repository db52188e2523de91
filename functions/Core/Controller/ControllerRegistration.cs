using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IoFog.Operator.Controller;

/// <summary>Registers the way to the Controller.</summary>
public static class ControllerRegistration
{
    /// <summary>Adds <see cref="ControllerConnection"/>, with the settings of the section <c>Controller</c>.</summary>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static IServiceCollection AddController(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new ControllerOptions { Url = configuration["Controller:Url"] ?? "" };
        if (options.Url.Length > 0 && !(Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            throw new InvalidOperationException($"Controller__Url: '{options.Url}' is not an http or https address");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        return services.AddSingleton<ControllerConnection>();
    }
}
