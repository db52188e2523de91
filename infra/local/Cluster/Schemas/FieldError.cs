namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>One thing that is wrong with an object, as the real API server words it.</summary>
/// <param name="Type"><c>FieldValueInvalid</c>, <c>FieldValueRequired</c>, …</param>
/// <param name="Path"><c>spec.ports[0].internal</c>.</param>
/// <param name="Message">Without the path.</param>
public sealed record FieldError(string Type, string Path, string Message)
{
    public static FieldError Invalid(string path, string value, string why) => new("FieldValueInvalid", path, $"Invalid value: {value}: {why}");

    public static FieldError WrongType(string path, string value, string expected, string actual) =>
        new("FieldValueTypeInvalid", path, $"Invalid value: \"{value}\": {path} in body must be of type {expected}: \"{actual}\"");

    public static FieldError Required(string path) => new("FieldValueRequired", path, "Required value");
}

/// <summary>A CustomResourceDefinition that cannot be served.</summary>
public sealed class SchemaRefusedException(IReadOnlyList<FieldError> errors) : Exception(string.Join("; ", errors.Select(error => $"{error.Path}: {error.Message}")))
{
    public IReadOnlyList<FieldError> Errors => errors;
}
