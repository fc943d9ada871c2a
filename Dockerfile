# The mock and the demo application, for those who would rather build them in a container: docker build -t myinfo-testbed .
# packaging/image/pack makes the same image without fetching another one; packaging/image/test tries either.
FROM rust:1.95-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates gcc libssl-dev pkg-config make perl \
  && rm -rf /var/lib/apt/lists/*
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /source
COPY . .
RUN cargo build --locked --profile dist --features vendored \
    -p myinfo-mock-server -p myinfo-connector --bin myinfo-mock --bin myinfo-connector \
  && mkdir -p /image/etc/ssl/certs /image/usr/bin /image/var/lib/myinfo-mock /image/tmp \
  && cp target/dist/myinfo-mock target/dist/myinfo-connector /image/usr/bin \
  && cp packaging/image/passwd packaging/image/group /image/etc \
  && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs \
  && ldd target/dist/myinfo-mock target/dist/myinfo-connector | grep -o '/lib[^ ]*' | sort -u | xargs cp -L --parents -t /image \
  && chown 65532:65532 /image/var/lib/myinfo-mock && chmod 1777 /image/tmp

FROM scratch
COPY --from=build /image /
ENV PATH=/usr/bin HOME=/tmp MYINFO_MOCK_STATE_DIR=/var/lib/myinfo-mock \
  MYINFO_MOCK_HTTP=0.0.0.0:5156 MYINFO_MOCK_ALLOW_REMOTE=true
USER 65532:65532
WORKDIR /tmp
EXPOSE 5156
HEALTHCHECK --interval=5s --timeout=3s --start-period=2s --retries=3 CMD ["/usr/bin/myinfo-mock", "health"]
ENTRYPOINT ["/usr/bin/myinfo-mock"]
