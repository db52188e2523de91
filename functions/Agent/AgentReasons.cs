namespace IoFog.Operator.Agents;

/// <summary>The reasons of an agent's conditions and Events.</summary>
public static class AgentReasons
{
    public const string Running = "AgentRunning";
    public const string NotProvisioned = "AgentNotProvisioned";
    public const string Silent = "AgentSilent";
    public const string Invalid = "AgentInvalid";
    public const string NotKept = "NotKept";
    public const string Created = "AgentCreated";
    public const string Updated = "AgentUpdated";
    public const string Deleted = "AgentDeleted";
    public const string Ignored = "FieldsIgnored";
    public const string Provisioning = "ProvisioningKeyReady";
    public const string Provisioned = "AgentProvisioned";
    public const string SecretTaken = "SecretTaken";
    public const string DuplicateDeleted = "DuplicateDeleted";
}
