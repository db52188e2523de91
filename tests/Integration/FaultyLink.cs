using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace IoFog.Operator.Integration;

/// <summary>What a link does to what passes it.</summary>
public enum Fault
{
    None,

    /// <summary>Connections are reset, new ones as soon as they are made.</summary>
    Reset,

    /// <summary>Half-open for good: nothing comes through, and nobody is told. New connections are accepted and as silent.</summary>
    Stall,

    /// <summary>A few bytes at a time.</summary>
    Slow,

    /// <summary>Each request over plain HTTP is answered 503 with Retry-After, and not passed on.</summary>
    Busy,
}

/// <summary>A TCP link between a client and a server on loopback, with the faults that networks have.</summary>
internal sealed class FaultyLink : IAsyncDisposable
{
    private const int SlowBytes = 512;
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(10);
    private static readonly byte[] BusyAnswer =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nx-ms-error-code: ServerBusy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<Connection, Task> connections = [];
    private readonly int target;
    private readonly Task accepting;
    private volatile Fault fault;
    private int accepted;

    /// <param name="target">The server's port on loopback.</param>
    public FaultyLink(int target)
    {
        this.target = target;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many connections were made.</summary>
    public int Accepted => accepted;

    /// <summary>From now on. What is open suffers at once, and a stalled connection never comes back to life.</summary>
    public Fault Fault
    {
        get => fault;
        set
        {
            fault = value;
            foreach (var connection in connections.Keys)
            {
                if (value == Fault.Stall)
                    connection.IsDead = true;
                else if (value is Fault.Reset or Fault.Busy)
                    connection.Reset();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(connections.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await listener.AcceptSocketAsync(stopping.Token);
            Interlocked.Increment(ref accepted);
            var connection = new Connection(client) { IsDead = fault == Fault.Stall };
            connections[connection] = Task.CompletedTask;
            connections[connection] = ServeAsync(connection);
        }
    }

    private async Task ServeAsync(Connection connection)
    {
        await Task.Yield();
        try
        {
            if (fault == Fault.Reset)
                return;
            if (fault == Fault.Busy)
            {
                await RefuseAsync(connection.Client);
                connection.IsWell = true;
                return;
            }

            await connection.Server.ConnectAsync(IPAddress.Loopback, target, stopping.Token);
            await Task.WhenAny(
                PassAsync(connection, connection.Client, connection.Server), PassAsync(connection, connection.Server, connection.Client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // one of the two is gone
        }
        finally
        {
            connection.Close();
            connections.TryRemove(connection, out _);
        }
    }

    private async Task PassAsync(Connection connection, Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var slow = fault == Fault.Slow;
                var count = await from.ReceiveAsync(slow ? buffer.AsMemory(0, SlowBytes) : buffer, stopping.Token);
                if (slow)
                    await Task.Delay(SlowPause, TimeProvider.System, stopping.Token);
                if (connection.IsDead)
                {
                    // Swallowed, and the end of it too: nobody is told.
                    if (count == 0)
                        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping.Token);
                    continue;
                }

                if (count == 0)
                {
                    connection.IsWell = true;
                    return;
                }

                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), stopping.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // reset by one of the two, or by a fault
        }
    }

    /// <summary>Reads one request to its end, and answers.</summary>
    private async Task RefuseAsync(Socket client)
    {
        var buffer = new byte[128 * 1024];
        var count = 0;
        while (!IsWhole(Encoding.Latin1.GetString(buffer, 0, count)))
        {
            var read = await client.ReceiveAsync(buffer.AsMemory(count), stopping.Token);
            if (read == 0)
                return;
            count += read;
        }

        await client.SendAsync(BusyAnswer, stopping.Token);
        client.Shutdown(SocketShutdown.Send);
        await client.ReceiveAsync(buffer, stopping.Token); // until the client has read it
    }

    private static bool IsWhole(string request)
    {
        const string Length = "\r\nContent-Length: ";
        var head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
            return false;
        var at = request.IndexOf(Length, StringComparison.OrdinalIgnoreCase);
        var length = at < 0 || at > head ? 0 : int.Parse(request.AsSpan(at + Length.Length, request.IndexOf('\r', at + 2) - at - Length.Length), null);
        return request.Length >= head + 4 + length;
    }

    private sealed class Connection(Socket client)
    {
        public volatile bool IsDead;

        public volatile bool IsWell;

        public Socket Client => client;

        public Socket Server { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public void Reset()
        {
            IsWell = false;
            Close();
        }

        public void Close()
        {
            foreach (var socket in new[] { client, Server })
            {
                try
                {
                    if (!IsWell)
                        socket.LingerState = new(true, 0); // a reset
                    socket.Dispose();
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    // closed already
                }
            }
        }
    }
}
