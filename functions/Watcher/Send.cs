using IoFog.Operator.Changes;

namespace IoFog.Operator.Watcher;

/// <summary>A change that is to be put on its queue now.</summary>
/// <param name="Row">Whose change it is; told how the sending went.</param>
/// <param name="Change">The message.</param>
/// <param name="SentTurn">The turn that was observed.</param>
/// <param name="Again">True when one for the same turn was sent before.</param>
/// <param name="Since">When the first thing happened of all that made changes due together with this one.</param>
internal sealed record Send(Row Row, Change Change, long SentTurn, bool Again, DateTimeOffset Since)
{
    /// <summary>False once the object has moved on: how this sending ends says nothing any more.</summary>
    public bool IsOutstanding => Row.InHand && Row.SentTurn == SentTurn;
}
