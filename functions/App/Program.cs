using IoFog.Operator.Admin;
using IoFog.Operator.Agents;
using IoFog.Operator.Applications;
using IoFog.Operator.ApplicationTemplates;
using IoFog.Operator.CatalogItems;
using IoFog.Operator.Controller;
using IoFog.Operator.ControlPlanes;
using IoFog.Operator.EdgeResources;
using IoFog.Operator.Hosting;
using IoFog.Operator.Microservices;
using IoFog.Operator.Registries;
using IoFog.Operator.Routes;

try
{
    var builder = FunctionHost.CreateBuilder(args);
    builder.Services
        .AddController(builder.Configuration)
        .AddControlPlane()
        .AddAgent()
        .AddEdgeResource()
        .AddRegistry()
        .AddCatalogItem()
        .AddApplicationTemplate()
        .AddApplication()
        .AddMicroservice()
        .AddRoute()
        .AddAdmin(builder.Configuration);
    var app = builder.Build();
    app.MapFunctions();
    app.MapAdmin();
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is InvalidOperationException or IOException) // a setting, or a port that is in use: one sentence says which
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
