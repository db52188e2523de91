namespace IoFog.Operator.Cli;

/// <summary>For scripts.</summary>
internal static class ExitCodes
{
    /// <summary>Done; everything that was asked about is Ready.</summary>
    public const int Done = 0;

    /// <summary>The cluster or the storage account refuses or does not answer, or what was named is not there.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int WrongUse = 2;

    /// <summary>Something is not Ready, or a poison queue is not empty.</summary>
    public const int NotReady = 3;
}
