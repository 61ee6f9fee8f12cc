# The Action as a container. A release builds it once, pins both base images and the result by digest, and action.yml names that.
ARG DOTNET=10.0-noble

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET} AS build
# The linker and the library that native AOT needs.
RUN apt-get update && apt-get install -y --no-install-recommends clang zlib1g-dev
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Provisioner.Contracts/ src/Provisioner.Contracts/
COPY src/Provisioner.GitHub/ src/Provisioner.GitHub/
COPY src/Provisioner.Client/ src/Provisioner.Client/
RUN dotnet publish src/Provisioner.Client --use-current-runtime -c Release -o /publish \
    && mkdir /image \
    && cp /publish/virtualbox-client /image/ \
    && ln -s virtualbox-client /image/virtualbox-client-post

# glibc, OpenSSL, the public certificate authorities, and nothing else: no shell, no package manager.
FROM mcr.microsoft.com/dotnet/runtime-deps:${DOTNET}-chiseled
COPY --from=build /image/ /
# Root, against the habit: the runner mounts the files for outputs and state from the host, where only its own user and root may
# write, and its user's number is not known here. GitHub asks for it: Docker actions "must be run by the default Docker user (root)".
USER 0
# Exec form: the program is PID 1, and the signals of a cancelled workflow reach it.
ENTRYPOINT ["/virtualbox-client"]
