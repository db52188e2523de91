using IoFog.Operator.Watcher;

try
{
    if (args is ["release"])
        return await Startup.ReleaseAsync();
    if (args is ["check", var address])
        return await Startup.CheckAsync(address);
    if (args.Length > 0)
        throw new InvalidOperationException($"unknown argument '{args[0]}'; usage: watcher [release | check URL]");
    var app = Startup.Build();
    app.MapHealth();
    app.MapScaler();
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception e) when (e is InvalidOperationException or IOException) // a setting, or a port that is in use: one sentence says which
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
