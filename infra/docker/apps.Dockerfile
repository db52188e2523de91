# syntax=docker/dockerfile:1
# The function apps, all in one: docker build -f infra/docker/apps.Dockerfile .

# An image of the Functions host with the v4 extension bundle in it. Those for dotnet-isolated have none, and would download one at each
# cold start; of the others it does not matter which, for the handler is an executable of its own.
ARG HOST_IMAGE=mcr.microsoft.com/azure-functions/node:4-node22

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS sdk

# As old a C library as the host's image has: the handler runs there.
FROM debian:bookworm-slim AS build
ARG TARGETARCH
ARG VERSION=0.1.0
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 PATH=/usr/share/dotnet:$PATH
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates clang zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
COPY --from=sdk /usr/share/dotnet /usr/share/dotnet
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig host.json ./
COPY functions functions
RUN dotnet publish functions/App -c Release -r "linux-$(echo "$TARGETARCH" | sed s/amd64/x64/)" -p:Version="$VERSION" -o /out \
    && rm -f /out/*.dbg

FROM ${HOST_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ioFog operator: function apps" \
      org.opencontainers.image.description="Azure Functions host with the reconcilers of all kinds of iofog.org" \
      org.opencontainers.image.licenses="EPL-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
ENV FUNCTIONS_WORKER_RUNTIME=custom \
    AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureWebJobsSecretStorageType=files \
    FUNCTIONS_SECRETS_PATH=/tmp/functions/secrets \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    ASPNETCORE_URLS=http://+:8080 \
    HOME=/tmp \
    DOTNET_USE_POLLING_FILE_WATCHER=true
COPY --chmod=0555 infra/docker/entrypoint.sh /usr/local/bin/entrypoint.sh
COPY --from=build /out /home/site/wwwroot
USER 1654:1654
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
CMD []
