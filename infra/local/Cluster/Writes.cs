using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Create, update, patch and delete, by the rules that all objects share.</summary>
internal sealed partial class Writes(ClusterState state, Authorization authorization)
{
    private static readonly string[] OwnMetadata = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "name", "namespace"];

    private static readonly string[] Omitted = ["labels", "annotations", "finalizers", "ownerReferences"]; // where there are none

    public StoredObject Create(WriteRequest request)
    {
        var body = Events.FromCore(request.Type, Decoded(request));
        return Create(request, body, Prepare(request, body));
    }

    public StoredObject Replace(WriteRequest request)
    {
        if (request.Path.Subresource == "scale")
            return Scale(request, Object(request));
        var body = Events.FromCore(request.Type, Decoded(request));
        if (body["metadata"]?["name"]?.GetValue<string>() is { } name && name != request.Name)
            throw ApiError.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Name})");
        if (state.Storage.Find(ResourceKind.Of(request.Type), request.Namespace, request.Name) is null)
            throw ApiError.NotFound(request.Type, request.Name);
        if (request.Type.IsCustom && body["metadata"]?["resourceVersion"] is null)
            throw ApiError.Invalid(request.Type, request.Name, [FieldError.Invalid("metadata.resourceVersion", "0", "must be specified for an update")]);
        return Update(request, _ => body, tracksUpdate: true);
    }

    public (StoredObject Stored, bool Created) Patch(WriteRequest request)
    {
        if (request.Path.Subresource == "scale")
            return (Scale(request, Object(request)), false);
        var created = false;
        var stored = request.ContentType switch
        {
            "application/merge-patch+json" => Update(request, live => Patches.Merge(live, Object(request)), tracksUpdate: true),
            "application/strategic-merge-patch+json" when !request.Type.IsCustom =>
                Update(request, live => Patches.Strategic(live, Object(request), request.Type.Merge), tracksUpdate: true),
            "application/json-patch+json" => Update(request, live => Patches.Json(live, request.Body?.AsArray() ?? []), tracksUpdate: true),
            "application/apply-patch+yaml" => Apply(request, out created),
            _ => throw new ApiError(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"),
        };
        return (stored, created);
    }

    /// <returns>The object as it is now, or as it last was.</returns>
    public (StoredObject Last, bool Gone) Delete(WriteRequest request)
    {
        var options = request.Body as JsonObject;
        var grace = options?["gracePeriodSeconds"] ?? (long.TryParse(request.Query["gracePeriodSeconds"], out var seconds) ? seconds : null);
        var policy = options?["propagationPolicy"]?.GetValue<string>() ?? request.Query["propagationPolicy"].ToString();
        if (request.IsDryRun || options?["dryRun"] is JsonArray { Count: > 0 })
            return (state.Storage.Find(ResourceKind.Of(request.Type), request.Namespace, request.Name) ?? throw ApiError.NotFound(request.Type, request.Name), true);
        return Delete(
            request.Type, request.Namespace, request.Name, options?["preconditions"]?["uid"]?.GetValue<string>(),
            options?["preconditions"]?["resourceVersion"]?.GetValue<string>(), policy, grace is null ? null : Numbers.Long(grace));
    }

    /// <param name="policy"><c>Foreground</c> and <c>Orphan</c> hold the object by a finalizer until the garbage collector has done its part.</param>
    /// <param name="grace">Seconds that a pod on a node gets; 0 removes it.</param>
    private (StoredObject Last, bool Gone) Delete(ResourceType type, string @namespace, string name, string? uid, string? resourceVersion, string policy, long? grace)
    {
        var gone = false;
        var holder = policy switch { "Foreground" => Controllers.Garbage.Foreground, "Orphan" => Controllers.Garbage.Orphan, _ => null };
        var last = state.Storage.Write(ResourceKind.Of(type), @namespace, name, (before, version) =>
        {
            if (before is null)
                throw ApiError.NotFound(type, name);
            if (uid is not null && uid != before.Uid)
                throw ApiError.Conflict(type, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.Uid}");
            if (resourceVersion is not null && resourceVersion != $"{before.Version}")
                throw ApiError.Modified(type, name);
            var waits = type == ResourceTypes.Pod && grace != 0 && before.Content["spec"]?["nodeName"] is not null;
            if (!before.HasFinalizers && type != ResourceTypes.Namespace && holder is null && !waits)
            {
                gone = true;
                return null;
            }

            if (before.IsDeleting)
                return before;
            var next = before.Copy();
            var metadata = next["metadata"]!.AsObject();
            if (holder is not null)
            {
                if (metadata["finalizers"] is not JsonArray finalizers)
                    metadata["finalizers"] = finalizers = [];
                finalizers.Add(holder);
            }

            metadata["deletionTimestamp"] = state.Now();
            metadata["deletionGracePeriodSeconds"] = waits ? grace ?? before.Content["spec"]?["terminationGracePeriodSeconds"]?.DeepClone() ?? 30 : 0;
            metadata["generation"] = ((metadata["generation"] is { } generation ? Numbers.Long(generation) : 0)) + 1;
            metadata["resourceVersion"] = version;
            if (type == ResourceTypes.Namespace)
                next["status"] = new JsonObject { ["phase"] = "Terminating" };
            return new(next);
        });
        if (gone && type == ResourceTypes.Crd)
            Undefine(last);
        return (last, gone);
    }

    public void DeleteCollection(WriteRequest request)
    {
        var selected = Selectors.Parse(request.Query["labelSelector"], request.Query["fieldSelector"]);
        foreach (var stored in state.Storage.List(ResourceKind.Of(request.Type), request.Path.Namespace).Objects.Where(selected))
            Delete(request.Type, stored.Namespace, stored.Name, stored.Uid, null, (request.Body as JsonObject)?["propagationPolicy"]?.GetValue<string>() ?? "", null);
    }

    private StoredObject Create(WriteRequest request, JsonObject body, string name)
    {
        if (request.Type.Namespaced)
            CheckNamespace(request.Namespace, request.Type, name);
        var metadata = body["metadata"]!.AsObject();
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = state.Now();
        metadata.Remove("deletionTimestamp");
        if (request.Type == ResourceTypes.Job)
            BuiltInDefaults.LabelJob(body);
        if (body.ContainsKey("spec") || request.Type.IsCustom)
            metadata["generation"] = 1;
        if (request.Type.HasStatus)
            body.Remove("status");
        Check(request, body, null);
        authorization.RequireNoEscalation(request.User, request.Type, request.Namespace, name, body);
        RequireOwners(request, body, null);
        BuiltInDefaults.Fill(request.Type, body);
        if (request.Type == ResourceTypes.Crd)
            Define(body);
        if (request.IsDryRun)
            return new(With(body, "0"));
        return state.Storage.Write(ResourceKind.Of(request.Type), request.Namespace, name, (before, version) =>
            before is null ? new(With(body, version)) : throw ApiError.AlreadyExists(request.Type, name));
    }

    private string Prepare(WriteRequest request, JsonObject body)
    {
        if (body["kind"]?.GetValue<string>() != request.Type.Kind || body["apiVersion"]?.GetValue<string>() != request.Type.ApiVersion)
            throw ApiError.BadRequest($"{body["kind"]} in version \"{body["apiVersion"]}\" cannot be handled as a {request.Type.Kind}: the API version in the data ({body["apiVersion"]}) does not match the expected API version ({request.Type.ApiVersion})");
        if (body["metadata"] is not JsonObject metadata)
            body["metadata"] = metadata = [];
        if (metadata["name"] is null && metadata["generateName"]?.GetValue<string>() is { } prefix)
            metadata["name"] = prefix + Guid.NewGuid().ToString("N")[..5];
        if (metadata["name"]?.GetValue<string>() is not { Length: > 0 } name)
            throw ApiError.Invalid(request.Type, "", [new("FieldValueRequired", "metadata.name", "Required value: name or generateName is required")]);
        if (metadata["resourceVersion"] is not null)
            throw ApiError.BadRequest("resourceVersion should not be set on objects to be created");
        if (metadata["namespace"]?.GetValue<string>() is { } space && request.Type.Namespaced && space != request.Namespace)
            throw ApiError.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
        if (request.Type.Namespaced)
            metadata["namespace"] = request.Namespace;
        if (!request.Type.Group.StartsWith("rbac", StringComparison.Ordinal) && (name.Length > 253 || !Subdomain().IsMatch(name)))
        {
            throw ApiError.Invalid(request.Type, name, [FieldError.Invalid("metadata.name", $"\"{name}\"",
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]);
        }

        BuiltInDefaults.Fill(request.Type, body); // who creates owns the defaults too
        ServerSideApply.Track(null, body, request.Manager, request.Type.Merge, null, request.Type.ApiVersion, state.Time.GetUtcNow());
        return name;
    }

    private StoredObject Apply(WriteRequest request, out bool created)
    {
        if (request.Query["fieldManager"].Count == 0)
            throw ApiError.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        var applied = Object(request);
        if (applied["metadata"]?["managedFields"] is not null)
            throw ApiError.BadRequest("metadata.managedFields must be nil");
        CheckTyped(request, applied);
        var isNew = state.Storage.Find(ResourceKind.Of(request.Type), request.Namespace, request.Name) is null;
        created = isNew;
        if (isNew)
        {
            if (request.Path.Subresource is not null)
                throw ApiError.NotFound(request.Type, request.Name);
            var body = applied.DeepClone().AsObject();
            if (body["metadata"]?["uid"] is not null)
                throw ApiError.Conflict(request.Type, request.Name, $"Precondition failed: UID in precondition: {body["metadata"]!["uid"]}, UID in object meta: ");
            if (body["metadata"] is not JsonObject)
                body["metadata"] = new JsonObject();
            body["metadata"]!.AsObject().Remove("resourceVersion");
            body["metadata"]!["name"] = request.Name;
            authorization.Require(request.User, new(request.User.Name, "create", request.Type.Group, request.Type.Plural, request.Namespace, request.Name));
            var name = Prepare(request, body);
            body["metadata"]!.AsObject().Remove("managedFields");
            body = ServerSideApply.Apply(body, applied, request.Manager, true, request.Type.Merge, null, request.Type.ApiVersion, state.Time.GetUtcNow());
            return Create(request, body, name);
        }

        return Update(
            request,
            live =>
            {
                if (applied["metadata"]?["uid"]?.GetValue<string>() is { } uid && uid != live["metadata"]!["uid"]!.GetValue<string>())
                    throw ApiError.Conflict(request.Type, request.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {live["metadata"]!["uid"]}");
                try
                {
                    return ServerSideApply.Apply(
                        live, applied, request.Manager, request.Force, request.Type.Merge, request.Path.Subresource, request.Type.ApiVersion, state.Time.GetUtcNow());
                }
                catch (ApplyConflictException e)
                {
                    throw new ApiError(409, "Conflict", e.Message, new JsonObject
                    {
                        ["causes"] = new JsonArray([.. e.Conflicts.Select(conflict => (JsonNode)new JsonObject
                        {
                            ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with \"{conflict.Manager}\"", ["field"] = conflict.Field,
                        })]),
                    });
                }
            },
            tracksUpdate: false);
    }

    private StoredObject Scale(WriteRequest request, JsonObject body) =>
        Update(
            request with { Path = request.Path with { Subresource = null } },
            live =>
            {
                live["spec"]!["replicas"] = body["spec"]?["replicas"]?.DeepClone() ?? live["spec"]!["replicas"]?.DeepClone();
                return live;
            },
            tracksUpdate: true);

    private StoredObject Update(WriteRequest request, Func<JsonObject, JsonObject> change, bool tracksUpdate)
    {
        var isStatus = request.Path.Subresource == "status";
        StoredObject? removed = null;
        StoredObject? dry = null;
        var stored = state.Storage.Write(ResourceKind.Of(request.Type), request.Namespace, request.Name, (before, version) =>
        {
            if (before is null)
                throw ApiError.NotFound(request.Type, request.Name);
            var wanted = change(before.Copy());
            if (request.Type != ResourceTypes.CoreEvent)
                Decode(request, wanted, e => ApiError.Invalid(request.Type, request.Name, [FieldError.Invalid("patch", $"{request.Body?.ToJsonString()}", e.Message)]));
            var metadata = wanted["metadata"]?.AsObject() ?? throw ApiError.BadRequest("metadata is missing");
            if (metadata["resourceVersion"]?.ToString() is { } expected && expected != $"{before.Version}")
                throw ApiError.Modified(request.Type, request.Name);
            if (!isStatus && metadata["uid"]?.GetValue<string>() is { } uid && uid != before.Uid)
                throw ApiError.Conflict(request.Type, request.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.Uid}");
            var next = isStatus ? StatusOnly(before, wanted) : MainOnly(request.Type, before, wanted);
            if (tracksUpdate)
            {
                ServerSideApply.Track(
                    before.Content, next, request.Manager, request.Type.Merge, request.Path.Subresource, request.Type.ApiVersion, state.Time.GetUtcNow());
            }

            Check(request, next, before.Content);
            if (IsSame(before.Content, next))
                return before;
            authorization.RequireNoEscalation(request.User, request.Type, request.Namespace, request.Name, next);
            RequireOwners(request, next, before.Content);
            if (!isStatus && !IsSame(Spec(before.Content), Spec(next)) && next["metadata"]!["generation"] is { } generation)
                next["metadata"]!["generation"] = Numbers.Long(generation) + 1;
            var after = new StoredObject(With(next, version));
            if (request.IsDryRun)
            {
                dry = after;
                return before;
            }

            if (!after.IsDeleting || after.HasFinalizers || request.Type == ResourceTypes.Namespace || request.Type == ResourceTypes.Pod)
                return after;
            removed = after;
            return null;
        });
        if (request.Type == ResourceTypes.Crd && removed is not null)
            Undefine(removed);
        else if (request.Type == ResourceTypes.Crd && !isStatus && dry is null)
            Define(stored.Copy());
        return dry ?? removed ?? stored;
    }

    /// <summary>As the admission plugin OwnerReferencesPermissionEnforcement: who blocks an owner's deletion may update its finalizers.</summary>
    private void RequireOwners(WriteRequest request, JsonObject body, JsonObject? before)
    {
        if (JsonNode.DeepEquals(body["metadata"]?["ownerReferences"], before?["metadata"]?["ownerReferences"]))
            return;
        foreach (var owner in (body["metadata"]?["ownerReferences"] as JsonArray ?? []).Where(owner => owner!["blockOwnerDeletion"]?.GetValue<bool>() == true))
        {
            var (group, kind) = (owner!["apiVersion"]!.GetValue<string>(), owner["kind"]!.GetValue<string>());
            if (state.Types.All.FirstOrDefault(type => type.ApiVersion == group && type.Kind == kind) is { } type)
                authorization.Require(request.User, new(request.User.Name, "update", type.Group, $"{type.Plural}/finalizers", request.Namespace, owner["name"]!.GetValue<string>()));
        }
    }

    private static JsonObject StatusOnly(StoredObject before, JsonObject wanted)
    {
        var next = before.Copy();
        if (wanted["metadata"]?["managedFields"] is { } managed)
            next["metadata"]!["managedFields"] = managed.DeepClone();
        if (wanted["status"] is { } status)
            next["status"] = status.DeepClone();
        else
            next.Remove("status");
        return next;
    }

    private static JsonObject MainOnly(ResourceType type, StoredObject before, JsonObject wanted)
    {
        var metadata = wanted["metadata"]!.AsObject();
        foreach (var name in OwnMetadata)
        {
            if (before.Metadata[name] is { } own)
                metadata[name] = own.DeepClone();
            else
                metadata.Remove(name);
        }

        foreach (var name in Omitted.Where(name => metadata[name] is JsonArray { Count: 0 } or JsonObject { Count: 0 }))
            metadata.Remove(name);
        if (type.HasStatus)
        {
            if (before.Content["status"] is { } status)
                wanted["status"] = status.DeepClone();
            else
                wanted.Remove("status");
        }

        BuiltInDefaults.DropOfOtherType(type, before.Content, wanted);
        BuiltInDefaults.Fill(type, wanted);
        return wanted;
    }

    private static void Check(WriteRequest request, JsonObject body, JsonObject? before)
    {
        var name = body["metadata"]!["name"]!.GetValue<string>();
        if (OwnerReferences.Check(body["metadata"]!) is { Count: > 0 } owners)
            throw ApiError.Invalid(request.Type, name, owners);
        if (request.Type.Schema is { } schema)
        {
            var unknown = new List<string>();
            schema.Prune(body, unknown);
            if (before is null || request.Path.Subresource is null)
                request.ReportUnknown(unknown);
            schema.ApplyDefaults(body);
            if (schema.Validate(body, before) is { Count: > 0 } errors)
                throw ApiError.Invalid(request.Type, name, errors);
            return;
        }

        if (BuiltInRules.Check(request.Type, body, before) is { Count: > 0 } wrong)
            throw ApiError.Invalid(request.Type, name, wrong);
    }

    private void CheckNamespace(string @namespace, ResourceType type, string name)
    {
        var found = state.Storage.Find(ResourceKind.Of(ResourceTypes.Namespace), "", @namespace)
            ?? throw ApiError.NotFound(ResourceTypes.Namespace, @namespace);
        if (found.IsDeleting)
        {
            throw new ApiError(403, "Forbidden",
                $"{type.Qualified} \"{name}\" is forbidden: unable to create new content in namespace {@namespace} because it is being terminated");
        }
    }

    private void Define(JsonObject body)
    {
        IReadOnlyList<ResourceType> types;
        try
        {
            types = ResourceTypes.Read(body);
        }
        catch (SchemaRefusedException e)
        {
            throw ApiError.Invalid(ResourceTypes.Crd, body["metadata"]!["name"]!.GetValue<string>(), e.Errors);
        }

        var taken = types.Select(state.Types.Taken).FirstOrDefault(other => other is not null);
        if (taken is null)
            state.Types.Serve(types);
        var now = state.Now();
        body["status"] = new JsonObject
        {
            ["acceptedNames"] = body["spec"]!["names"]!.DeepClone(),
            ["storedVersions"] = new JsonArray([.. body["spec"]!["versions"]!.AsArray().Where(version => version!["storage"]!.GetValue<bool>()).Select(version => version!["name"]!.DeepClone())]),
            ["conditions"] = new JsonArray(
                taken is null
                    ? new JsonObject { ["type"] = "NamesAccepted", ["status"] = "True", ["reason"] = "NoConflicts", ["message"] = "no conflicts found", ["lastTransitionTime"] = now }
                    : new JsonObject { ["type"] = "NamesAccepted", ["status"] = "False", ["reason"] = "KindConflict", ["message"] = $"\"{taken.Kind}\" is already in use", ["lastTransitionTime"] = now },
                taken is null
                    ? new JsonObject { ["type"] = "Established", ["status"] = "True", ["reason"] = "InitialNamesAccepted", ["message"] = "the initial names have been accepted", ["lastTransitionTime"] = now }
                    : new JsonObject { ["type"] = "Established", ["status"] = "False", ["reason"] = "NotAccepted", ["message"] = "not all names are accepted", ["lastTransitionTime"] = now }),
        };
    }

    private void Undefine(StoredObject definition)
    {
        var (group, plural) = (definition.Content["spec"]!["group"]!.GetValue<string>(), definition.Content["spec"]!["names"]!["plural"]!.GetValue<string>());
        foreach (var stored in state.Storage.List(new(group, plural), null).Objects)
            state.Storage.Write(new(group, plural), stored.Namespace, stored.Name, static (_, _) => null);
        state.Types.Stop(group, plural);
    }

    /// <summary>The body as an API server reads it.</summary>
    private static JsonObject Decoded(WriteRequest request)
    {
        var body = Object(request);
        Decode(request, body, e => ApiError.BadRequest($"{request.Type.Kind} in version \"{request.Type.Version}\" cannot be handled as a {request.Type.Kind}: {e.Message}"));
        return body;
    }

    private static void Decode(WriteRequest request, JsonObject body, Func<FormatException, ApiError> refusal)
    {
        try
        {
            request.ReportUnknown(Prune(request.Type, body));
        }
        catch (FormatException e)
        {
            throw refusal(e);
        }
    }

    /// <summary>Drops what a built-in does not have; of a custom resource its metadata, for the rest is held against its schema.</summary>
    /// <returns>The paths of what was dropped.</returns>
    /// <exception cref="FormatException">A value that can't be read.</exception>
    private static List<string> Prune(ResourceType type, JsonObject body)
    {
        var unknown = new List<string>();
        if (!type.IsCustom)
            Decoding.Prune(BuiltIns.Of(type), body, unknown);
        else if (body["metadata"] is JsonObject metadata)
            Decoding.Prune(BuiltIns.Metadata, metadata, unknown);
        return type.IsCustom ? [.. unknown.Select(path => $"metadata.{path}")] : unknown;
    }

    /// <summary>What is applied is held against the schema, whatever the request says of unknown fields.</summary>
    private static void CheckTyped(WriteRequest request, JsonObject applied)
    {
        string? wrong;
        try
        {
            wrong = Prune(request.Type, applied.DeepClone().AsObject()).Select(path => $".{path}: field not declared in schema").FirstOrDefault();
        }
        catch (FormatException e)
        {
            wrong = e.Message;
        }

        if (wrong is not null)
            throw new ApiError(500, "InternalError", $"failed to create typed patch object ({request.Namespace}/{request.Name}; {request.Type.ApiVersion}, Kind={request.Type.Kind}): {wrong}");
    }

    private static JsonObject Object(WriteRequest request) =>
        request.Body?.DeepClone() as JsonObject ?? throw ApiError.BadRequest("the body must be an object");

    private static JsonObject With(JsonObject content, string version)
    {
        content["metadata"]!["resourceVersion"] = version;
        return content;
    }

    private static JsonObject Spec(JsonObject content)
    {
        var spec = content.DeepClone().AsObject();
        spec.Remove("metadata");
        spec.Remove("status");
        return spec;
    }

    // The time at which somebody last owned a field is no change of the object.
    private static bool IsSame(JsonObject one, JsonObject other) => JsonNode.DeepEquals(Bare(one), Bare(other));

    private static JsonObject Bare(JsonObject content)
    {
        if (content["metadata"]?["managedFields"] is null && content["metadata"]?["resourceVersion"] is null)
            return content;
        var bare = content.DeepClone().AsObject();
        bare["metadata"]!.AsObject().Remove("resourceVersion");
        foreach (var entry in bare["metadata"]!["managedFields"] as JsonArray ?? [])
            entry!.AsObject().Remove("time");
        return bare;
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();
}
