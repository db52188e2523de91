using System.Text.Json.Nodes;

namespace IoFog.Operator.Controller;

public sealed partial class ControllerClient
{
    /// <summary>The user's registries, and those that are public, the first one first.</summary>
    public async Task<IReadOnlyList<RegistryEntry>> ListRegistriesAsync(CancellationToken cancellationToken) =>
        [.. (await GetAsync("registries", ControllerJson.Default.RegistryList, Timeout, cancellationToken)).Registries.OrderBy(registry => registry.Id)];

    /// <summary>Creates a registry; another one of the same URL is no obstacle.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> CreateRegistryAsync(JsonObject registry, CancellationToken cancellationToken) =>
        Parse(await WriteAsync(HttpMethod.Post, "registries", Literal.Keep(registry), cancellationToken), ControllerJson.Default.Created).Id!.Value;

    /// <summary>Changes a registry; of another user's it is said to be done, and is not.</summary>
    public Task UpdateRegistryAsync(long id, JsonObject fields, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Patch, $"registries/{id}", Literal.Keep(fields), cancellationToken);

    /// <summary>Deletes a registry that no microservice uses.</summary>
    /// <returns>False when it was not there.</returns>
    public Task<bool> DeleteRegistryAsync(long id, CancellationToken cancellationToken) =>
        DeleteAsync($"registries/{id}", cancellationToken);
}
