using System.Text.Json.Nodes;

namespace IoFog.Operator.Controller;

public sealed partial class ControllerClient
{
    /// <summary>The items of all users, and those that are there from the start, the first one first.</summary>
    public async Task<IReadOnlyList<CatalogItemEntry>> ListCatalogItemsAsync(CancellationToken cancellationToken) =>
        [.. (await GetAsync("catalog/microservices", ControllerJson.Default.CatalogItemList, Timeout, cancellationToken)).CatalogItems.OrderBy(item => item.Id)];

    /// <summary>Creates an item of the catalog.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> CreateCatalogItemAsync(JsonObject item, CancellationToken cancellationToken) =>
        Parse(await WriteAsync(HttpMethod.Post, "catalog/microservices", Literal.Keep(item), cancellationToken), ControllerJson.Default.Created).Id!.Value;

    /// <summary>Changes an item of the catalog; its images only while no microservice of it runs.</summary>
    public Task UpdateCatalogItemAsync(long id, JsonObject fields, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Patch, $"catalog/microservices/{id}", Literal.Keep(fields), cancellationToken);

    /// <summary>Deletes an item of the catalog of which there is no microservice.</summary>
    /// <returns>False when it was not there, or is not the user's.</returns>
    public Task<bool> DeleteCatalogItemAsync(long id, CancellationToken cancellationToken) =>
        DeleteAsync($"catalog/microservices/{id}", cancellationToken);
}
