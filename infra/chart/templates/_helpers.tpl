{{- define "iofog-operator.labels" -}}
app.kubernetes.io/name: iofog-operator
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: iofog
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "iofog-operator.selector" -}}
app.kubernetes.io/name: iofog-operator
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/*
The apps as a map of name to {kinds, maxReplicas, resources}; * stands for the kinds that no other app names. Refuses a map that leaves a kind
out or names one twice.
*/}}
{{- define "iofog-operator.apps" -}}
{{- $all := keys (include "iofog-operator.kinds" . | fromYaml) | sortAlpha -}}
{{- $apps := dict -}}
{{- if kindIs "string" .Values.apps -}}
  {{- if eq .Values.apps "small" -}}
    {{- $_ := set $apps "apps" (dict "kinds" $all) -}}
  {{- else -}}
    {{- range $all -}}
      {{- $_ := set $apps (lower .) (dict "kinds" (list .)) -}}
    {{- end -}}
  {{- end -}}
{{- else -}}
  {{- $named := list -}}
  {{- $rest := $all -}}
  {{- range .Values.apps -}}
    {{- range kindIs "slice" . | ternary (dict "kinds" .) . | dig "kinds" list -}}
      {{- $rest = without $rest . -}}
    {{- end -}}
  {{- end -}}
  {{- range $name, $app := .Values.apps -}}
    {{- $app = kindIs "slice" $app | ternary (dict "kinds" $app) (deepCopy $app) -}}
    {{- if has "*" $app.kinds -}}
      {{- $_ := set $app "kinds" (concat (without $app.kinds "*") $rest) -}}
    {{- end -}}
    {{- $_ := set $apps $name $app -}}
    {{- range $app.kinds -}}
      {{- if not (has . $all) -}}
        {{- fail (printf "apps.%s: there is no kind %s; the kinds are %s" $name . (join ", " $all)) -}}
      {{- end -}}
      {{- if has . $named -}}
        {{- fail (printf "apps.%s: %s is served by another app already" $name .) -}}
      {{- end -}}
      {{- $named = append $named . -}}
    {{- end -}}
  {{- end -}}
  {{- range $all -}}
    {{- if not (has . $named) -}}
      {{- fail (printf "apps: no app serves %s" .) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toYaml $apps -}}
{{- end -}}

{{- define "iofog-operator.image" -}}
{{- $image := .image -}}
{{- if $image.digest -}}
{{ .root.Values.image.registry }}/{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ .root.Values.image.registry }}/{{ $image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "iofog-operator.storageSecret" -}}
{{- if and (eq .Values.storage.kind "connectionString") .Values.storage.connectionString.existingSecret -}}
{{ .Values.storage.connectionString.existingSecret }}
{{- else -}}
iofog-operator-storage
{{- end -}}
{{- end -}}

{{- define "iofog-operator.storageKey" -}}
{{ eq .Values.storage.kind "connectionString" | ternary .Values.storage.connectionString.key "connectionString" }}
{{- end -}}

{{/* How a process reaches the queues: the names are the Functions host's, and the watcher's. */}}
{{- define "iofog-operator.storageEnv" -}}
{{- if eq .Values.storage.kind "workloadIdentity" -}}
{{- with .Values.storage.workloadIdentity -}}
- {name: AzureWebJobsStorage__accountName, value: {{ .accountName | quote }}}
- {name: AzureWebJobsStorage__blobServiceUri, value: {{ printf "https://%s.blob.%s" .accountName .endpointSuffix | quote }}}
- {name: AzureWebJobsStorage__queueServiceUri, value: {{ printf "https://%s.queue.%s" .accountName .endpointSuffix | quote }}}
- {name: AzureWebJobsStorage__tableServiceUri, value: {{ printf "https://%s.table.%s" .accountName .endpointSuffix | quote }}}
{{- end -}}
{{- else -}}
- name: AzureWebJobsStorage
  valueFrom:
    secretKeyRef: {name: {{ include "iofog-operator.storageSecret" . }}, key: {{ include "iofog-operator.storageKey" . }}}
{{- end -}}
{{- end -}}

{{/* Where traces, and the apps' metrics, go. */}}
{{- define "iofog-operator.telemetryEnv" -}}
{{- with .root.Values.telemetry }}
{{- if .otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .otlpEndpoint | quote }}}
- {name: OTEL_EXPORTER_OTLP_PROTOCOL, value: {{ .otlpProtocol }}}
- {name: OTEL_SERVICE_NAME, value: iofog-operator-{{ $.component }}}
{{- end }}
{{- end }}
{{- end -}}

{{/* The port of an address. */}}
{{- define "iofog-operator.portOf" -}}
{{- $url := urlParse . -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- end -}}

{{/* What all pods share. */}}
{{- define "iofog-operator.pod" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.pods }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
{{- /* OpenShift gives each namespace users of its own, and admits no others. */}}
{{- if not ($.root.Capabilities.APIVersions.Has "security.openshift.io/v1") }}
  runAsUser: {{ .runAsUser }}
  runAsGroup: {{ .runAsUser }}
  fsGroup: {{ .runAsUser }}
{{- end }}
  seccompProfile: {type: RuntimeDefault}
{{- end }}
enableServiceLinks: false
{{- end -}}

{{- define "iofog-operator.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "iofog-operator.selector" . | nindent 8 }}
{{- end -}}

{{- define "iofog-operator.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{- define "iofog-operator.podMetadata" -}}
labels:
  {{- include "iofog-operator.selector" . | nindent 2 }}
  {{- if eq .component "watcher" }}
  # iofogctl looks for a pod with this label.
  name: iofog-operator
  {{- end }}
  {{- if eq .root.Values.storage.kind "workloadIdentity" }}
  azure.workload.identity/use: "true"
  {{- end }}
  {{- with .root.Values.pods.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .root.Values.pods.annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "iofog-operator.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  labels: {{- include "iofog-operator.labels" . | nindent 4 }}
  {{- if eq .root.Values.storage.kind "workloadIdentity" }}
  {{- with .root.Values.storage.workloadIdentity }}
  annotations:
    azure.workload.identity/client-id: {{ .clientId | quote }}
    {{- with .tenantId }}
    azure.workload.identity/tenant-id: {{ . | quote }}
    {{- end }}
  {{- end }}
  {{- end }}
automountServiceAccountToken: true
{{- end -}}

{{- define "iofog-operator.roleBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  labels: {{- include "iofog-operator.labels" . | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }}}
subjects:
  - {kind: ServiceAccount, name: {{ .name }}, namespace: {{ .root.Release.Namespace }}}
{{- end -}}

{{/* A Functions host with some functions. Called with root, component, name, functions, resources, extraEnv. */}}
{{- define "iofog-operator.hostContainer" -}}
- name: functions
  image: {{ include "iofog-operator.image" (dict "root" .root "image" .root.Values.app.image) }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  env:
    {{- range $i, $function := .functions }}
    - {name: AzureFunctionsJobHost__functions__{{ $i }}, value: {{ $function }}}
    {{- end }}
    {{- include "iofog-operator.storageEnv" .root | nindent 4 }}
    - {name: WATCH_NAMESPACE, value: {{ .root.Release.Namespace }}}
    {{- with .root.Values.controller.url }}
    - {name: Controller__Url, value: {{ . | quote }}}
    {{- end }}
    # The host would make its id of the pod's name, and each pod would have locks of its own.
    - {name: AzureFunctionsWebHost__hostid, value: {{ printf "%s-%s" (trunc 21 .component | trimSuffix "-") (sha256sum (printf "%s/%s" .root.Release.Namespace .component) | trunc 10) }}}
    - {name: AzureWebJobsSecretStorageType, value: files}
    - {name: FUNCTIONS_SECRETS_PATH, value: /tmp/functions/secrets}
    - {name: ASPNETCORE_URLS, value: "http://+:8080"}
    - {name: AzureFunctionsJobHost__Logging__Console__IsEnabled, value: "true"}
    - {name: HOME, value: /tmp}
    {{- include "iofog-operator.telemetryEnv" . | nindent 4 }}
    {{- with .root.Values.app.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  ports:
    - {name: http, containerPort: 8080}
  startupProbe:
    httpGet: {path: /admin/host/ping, port: http}
    periodSeconds: 2
    failureThreshold: 60
  readinessProbe:
    httpGet: {path: /admin/host/ping, port: http}
    periodSeconds: 10
  livenessProbe:
    httpGet: {path: /admin/host/ping, port: http}
    periodSeconds: 20
    timeoutSeconds: 5
    failureThreshold: 6
  resources: {{- toYaml .resources | nindent 4 }}
  {{- include "iofog-operator.containerSecurity" . | nindent 2 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
{{- end -}}
