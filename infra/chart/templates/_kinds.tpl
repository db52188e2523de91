{{/* Every kind and its plural. A further kind is one further line here. */}}
{{- define "iofog-operator.kinds" -}}
ControlPlane: controlplanes
Agent: agents
EdgeResource: edgeresources
Registry: registries
CatalogItem: catalogitems
ApplicationTemplate: applicationtemplates
Application: applications
Microservice: microservices
Route: routes
{{- end -}}

{{/* The resource names of a kind: iofogctl calls applications apps, and Kubernetes serves the kind by the name that came first. */}}
{{- define "iofog-operator.resourcesOf" -}}
{{ get (include "iofog-operator.kinds" . | fromYaml) .kind }}{{ if eq .kind "Application" }}, apps{{ end }}
{{- end -}}

{{/* What the app of a kind may do beside what all kinds may. Called with kind, all kinds of its app, and root. */}}
{{- define "iofog-operator.rulesOfKind" -}}
{{- if eq .kind "ControlPlane" -}}
# These three are what the Roles of router and port manager grant: only who holds a right may grant it. They cover the Deployments and
# Services of the control plane as well.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [""]
  resources: [pods, configmaps]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [serviceaccounts]
  resourceNames: [controller, router, port-manager]
  verbs: [get, create, patch]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [roles]
  resourceNames: [router, port-manager]
  verbs: [get, create, patch]
# A binding's role can't change: it is made anew.
- apiGroups: [rbac.authorization.k8s.io]
  resources: [rolebindings]
  resourceNames: [router, port-manager]
  verbs: [get, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  resourceNames: [controller]
  verbs: [get, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  resourceNames: [controller, router]
  verbs: [get, create, patch, delete]
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  resourceNames: [controller-sqlite]
  verbs: [get, create, patch]
{{- if not (has "Agent" .kinds) }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [{{ include "iofog-operator.ownedSecrets" . }}]
  verbs: [get, create, patch]
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [controller-db-credentials, controller-s2s-tokens]
  verbs: [delete]
{{- with .root.Values.watchSecrets }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{ toJson . }}
  verbs: [get]
{{- end }}
{{- end }}
# Where an admission plugin asks for it (OpenShift): owner references that block the deletion of the owner.
- apiGroups: [iofog.org]
  resources: [controlplanes/finalizers]
  verbs: [update]
{{- end -}}
{{- if eq .kind "Agent" -}}
# A provisioning Secret per agent, <agent>-provisioning: names that nobody knows before, so that they can't be listed here.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create, patch, delete]
- apiGroups: [iofog.org]
  resources: [agents/finalizers]
  verbs: [update]
{{- end -}}
{{- if and (eq .kind "Registry") (not (has "Agent" .kinds)) -}}
{{- with .root.Values.registrySecrets -}}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{ toJson . }}
  verbs: [get]
{{- end -}}
{{- end -}}
{{- if eq .kind "Application" -}}
{{- $others := list -}}
{{- range $kind, $plural := dict "Microservice" "microservices" "Route" "routes" -}}
{{- if not (has $kind $.kinds) -}}{{- $others = append $others $plural -}}{{- end -}}
{{- end -}}
{{- with $others -}}
# Whether an object of its own stands for what an application declares as well.
- apiGroups: [iofog.org]
  resources: [{{ join ", " . }}]
  verbs: [list]
{{- end -}}
{{- end -}}
{{- if or (eq .kind "Microservice") (and (eq .kind "Route") (not (has "Microservice" .kinds))) -}}
{{- if not (has "Application" .kinds) -}}
# Whether what an application declares waits for what this one is to leave.
- apiGroups: [iofog.org]
  resources: [applications, apps]
  verbs: [list]
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "iofog-operator.ownedSecrets" -}}
controller-credentials, controller-db-credentials, controller-s2s-tokens, router-ca, router-amqps, router-internal
{{- end -}}
