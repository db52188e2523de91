using IoFog.Operator.Local.Cluster;

await using var cluster = await ClusterEmulator.StartAsync(new() { Port = int.Parse(args[1]) }, null, CancellationToken.None);
await File.WriteAllTextAsync(args[2], cluster.Kubeconfig);
Console.WriteLine(cluster.Endpoint);
await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
