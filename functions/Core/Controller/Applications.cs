using System.Text.Json.Nodes;

namespace IoFog.Operator.Controller;

public sealed partial class ControllerClient
{
    /// <summary>An application with its microservices and routes, or null.</summary>
    public Task<ApplicationEntry?> FindApplicationAsync(string name, CancellationToken cancellationToken) =>
        FindAsync($"application/{Escape(name)}", ControllerJson.Default.ApplicationEntry, cancellationToken);

    /// <summary>The body of the answer about an application, unread; null when it is not there.</summary>
    public async Task<byte[]?> FindApplicationBodyAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await GetListAsync($"application/{Escape(name)}", cancellationToken);
        }
        catch (ControllerException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Creates an application. Simultaneous creates of one name all succeed.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> CreateApplicationAsync(JsonObject application, CancellationToken cancellationToken) =>
        Parse(await WriteAsync(HttpMethod.Post, "application", Literal.Keep(application), cancellationToken), ControllerJson.Default.CreatedApplication).Id;

    /// <summary>
    /// Deletes an application with all that is in it; fine when it is not there. By its id: asked by a name, the Controller would also delete what
    /// is in the application of that name that another user has.
    /// </summary>
    public Task DeleteApplicationAsync(long id, CancellationToken cancellationToken) =>
        DeleteAsync($"flow/{id}", cancellationToken);

    /// <summary>
    /// Makes an application anew from a template: it then holds the microservices and routes of the template and no others. A route that
    /// would have to go makes it fail.
    /// </summary>
    public Task InstantiateAsync(string name, JsonObject application, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, $"application/{Escape(name)}", Literal.Keep(application), cancellationToken);

    /// <summary>A template of applications, or null.</summary>
    public Task<TemplateEntry?> FindTemplateAsync(string name, CancellationToken cancellationToken) =>
        FindAsync($"applicationTemplate/{Escape(name)}", ControllerJson.Default.TemplateEntry, cancellationToken);

    /// <summary>Stores a template as it is, under the name of the path or, where it is there, under that in the body; what is left out is kept or emptied.</summary>
    public Task PutTemplateAsync(string name, JsonObject template, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, $"applicationTemplate/{Escape(name)}", template, cancellationToken);

    /// <summary>Deletes a template; fine when it is not there. Applications that were made of it stay.</summary>
    public Task DeleteTemplateAsync(string name, CancellationToken cancellationToken) =>
        DeleteAsync($"applicationTemplate/{Escape(name)}", cancellationToken);

    /// <summary>Changes name, description or isActivated; microservices and routes stay as they are.</summary>
    public Task UpdateApplicationAsync(string name, JsonObject fields, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Patch, $"application/{Escape(name)}", Literal.Keep(fields), cancellationToken);

    /// <summary>A microservice by its uuid, or null.</summary>
    public Task<MicroserviceEntry?> FindMicroserviceAsync(string uuid, CancellationToken cancellationToken) =>
        FindAsync($"microservices/{Escape(uuid)}", ControllerJson.Default.MicroserviceEntry, cancellationToken);

    /// <summary>Creates a microservice.</summary>
    /// <returns>Its uuid.</returns>
    public async Task<string> CreateMicroserviceAsync(JsonObject microservice, CancellationToken cancellationToken) =>
        Parse(await WriteAsync(HttpMethod.Post, "microservices", Literal.Keep(microservice), cancellationToken), ControllerJson.Default.Created).Uuid!;

    /// <summary>Changes a microservice. The body must name the agent and the log size, or the one fails and the other is reset.</summary>
    public Task UpdateMicroserviceAsync(string uuid, JsonObject fields, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Patch, $"microservices/{Escape(uuid)}", Literal.Keep(fields), cancellationToken);

    /// <summary>Deletes a microservice with its routes.</summary>
    /// <returns>False when it was not there.</returns>
    public Task<bool> DeleteMicroserviceAsync(string uuid, CancellationToken cancellationToken) =>
        DeleteAsync($"microservices/{Escape(uuid)}", cancellationToken);

    /// <summary>Maps one more port of a microservice.</summary>
    /// <param name="uuid">Of the microservice.</param>
    /// <param name="port">As a create has it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task AddPortAsync(string uuid, JsonObject port, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Post, $"microservices/{Escape(uuid)}/port-mapping", port, cancellationToken);

    /// <summary>Takes one port from a microservice.</summary>
    /// <param name="uuid">Of the microservice.</param>
    /// <param name="port">Inside of the container.</param>
    /// <returns>False when it was not there.</returns>
    public Task<bool> DeletePortAsync(string uuid, int port, CancellationToken cancellationToken) =>
        DeleteAsync($"microservices/{Escape(uuid)}/port-mapping/{port}", cancellationToken);

    /// <summary>A route, or null.</summary>
    public Task<RouteEntry?> FindRouteAsync(string application, string name, CancellationToken cancellationToken) =>
        FindAsync($"routes/{Escape(application)}/{Escape(name)}", ControllerJson.Default.RouteEntry, cancellationToken);

    /// <summary>Creates a route between two microservices of one application, by their names.</summary>
    public Task CreateRouteAsync(string application, string name, string from, string to, CancellationToken cancellationToken) =>
        WriteAsync(
            HttpMethod.Post,
            "routes",
            new JsonObject { ["application"] = application, ["name"] = name, ["from"] = from, ["to"] = to },
            cancellationToken);

    /// <summary>Deletes a route.</summary>
    /// <returns>False when it was not there.</returns>
    public Task<bool> DeleteRouteAsync(string application, string name, CancellationToken cancellationToken) =>
        DeleteAsync($"routes/{Escape(application)}/{Escape(name)}", cancellationToken);

    /// <summary>The microservices of an application; none when the application is not there.</summary>
    public async Task<IReadOnlyList<MicroserviceEntry>> ListMicroservicesAsync(string application, CancellationToken cancellationToken)
    {
        try
        {
            var list = await GetAsync(
                $"microservices?application={Escape(application)}", ControllerJson.Default.MicroserviceList, ListTimeout, cancellationToken);
            return list.Microservices;
        }
        catch (ControllerException e) when (e.IsNotFound)
        {
            return [];
        }
    }
}
