using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.Unit;

/// <summary>What the tests of all kinds go through, found by the names that a kind's parts have.</summary>
internal static class AllKinds
{
    /// <summary>The kinds that stand for an entry in the Controller.</summary>
    public static IEnumerable<Kind> WithEntry => Kinds.All.Where(kind => kind.Entry is not null);

    /// <summary>The kind of an area: <c>EdgeResources</c> is that of EdgeResource.</summary>
    public static Kind Of(string area) => Kinds.FindByPlural(area.ToLowerInvariant()) ?? throw new InvalidOperationException($"{area} is no area of a kind");

    /// <summary>The folder with the cases of a kind.</summary>
    public static string AreaOf(Kind kind) => Directory.EnumerateDirectories(AppContext.BaseDirectory).Select(folder => Path.GetFileName(folder))
        .SingleOrDefault(name => name.Equals(kind.Plural, StringComparison.OrdinalIgnoreCase)) ?? throw new InvalidOperationException($"{kind} has no cases");

    /// <summary>Adds the loops of all kinds that stand for an entry in the Controller.</summary>
    public static IServiceCollection AddKindsWithEntry(this IServiceCollection services)
    {
        foreach (var kind in WithEntry)
        {
            var registration = Assembly.Load($"IoFog.Operator.{kind}").GetExportedTypes().Single(type => type.Name == $"{kind}Registration");
            registration.GetMethod($"Add{kind}")!.Invoke(null, [services]);
        }

        return services;
    }
}
