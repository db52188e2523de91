namespace IoFog.Operator.Kubernetes;

/// <summary>Cancels a request of which nothing has come for too long.</summary>
public sealed class Silence : IDisposable
{
    private readonly CancellationTokenSource silent;
    private readonly CancellationTokenSource either;
    private TimeSpan allowed;

    /// <param name="allowed">For how long nothing may come.</param>
    /// <param name="time">Tells how long that is.</param>
    /// <param name="cancellationToken">Cancels it as well.</param>
    public Silence(TimeSpan allowed, TimeProvider time, CancellationToken cancellationToken)
    {
        this.allowed = allowed;
        silent = new(allowed, time);
        either = CancellationTokenSource.CreateLinkedTokenSource(silent.Token, cancellationToken);
    }

    /// <summary>Of the request.</summary>
    public CancellationToken Token => either.Token;

    /// <summary>Something came; and this much silence is allowed from now on.</summary>
    public void Allow(TimeSpan silence)
    {
        allowed = silence;
        Broken();
    }

    /// <summary>A stream whose every byte breaks the silence.</summary>
    public Stream Guard(Stream stream) => new Guarded(this, stream);

    /// <inheritdoc/>
    public void Dispose()
    {
        either.Dispose();
        silent.Dispose();
    }

    private void Broken() => silent.CancelAfter(allowed);

    private sealed class Guarded(Silence silence, Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            silence.Broken();
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
