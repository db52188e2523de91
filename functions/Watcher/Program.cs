using IoFog.Operator.Watcher;

try
{
    if (args is ["release"])
        return await Startup.ReleaseAsync();
    if (args.Length > 0)
        throw new InvalidOperationException($"unknown argument '{args[0]}'; usage: watcher [release]");
    var app = Startup.Build();
    app.MapHealth();
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (InvalidOperationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
