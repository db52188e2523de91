# syntax=docker/dockerfile:1
# The watcher: docker build -f infra/docker/watcher.Dockerfile .
# NativeAOT does not compile for another architecture here: each is built on a machine of its own, or emulated.

# Built on the older C library of the two, so that the binary runs on both.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS sdk
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
RUN dotnet publish functions/Watcher -c Release -r "linux-$(echo "$TARGETARCH" | sed s/amd64/x64/)" -p:Version="$VERSION" -o /out \
    && rm -f /out/*.dbg

# No shell, no package manager, not root.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ioFog operator: watcher" \
      org.opencontainers.image.description="Watches custom resources of iofog.org and queues what is due" \
      org.opencontainers.image.licenses="EPL-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /out/watcher /usr/local/bin/watcher
USER 1654:1654
EXPOSE 8080 9090
ENTRYPOINT ["/usr/local/bin/watcher"]
