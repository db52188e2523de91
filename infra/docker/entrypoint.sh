#!/bin/sh
# Starts the Functions host in this process's place, so that SIGTERM reaches it: the image's own script runs it as a child, and what is
# in work would be killed at the end of every pod.
set -eu
host="${FUNCTIONS_HOST_FOLDER:-/azure-functions-host}"
mkdir -p "${FUNCTIONS_SECRETS_PATH:-/tmp/functions/secrets}"
cd "$host"
if [ -x "$host/Microsoft.Azure.WebJobs.Script.WebHost" ]; then
  exec "$host/Microsoft.Azure.WebJobs.Script.WebHost" "$@"
fi
exec dotnet "$host/Microsoft.Azure.WebJobs.Script.WebHost.dll" "$@"
