# The API alone: give it a PostgreSQL with DATABASE_URL, as docker-compose.yml does.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked --bin homecoming

FROM debian:bookworm-slim
# Certificate authorities, for DATABASE_URL with sslmode=verify-full.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --home-dir /var/lib/homecoming homecoming
COPY --from=build /src/target/dist/homecoming /usr/local/bin/homecoming
USER homecoming
WORKDIR /var/lib/homecoming
VOLUME /var/lib/homecoming
ENV HOMECOMING_LISTEN=0.0.0.0:8080
EXPOSE 8080
# The image has no curl, and bash can ask by itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["homecoming"]
CMD ["serve", "--empty"]
