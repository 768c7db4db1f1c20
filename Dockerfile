# The API alone: give it a PostgreSQL with DATABASE_URL, as docker-compose.yml does.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked --bin homecoming

FROM debian:bookworm-slim
RUN useradd --system --create-home --home-dir /var/lib/homecoming homecoming
COPY --from=build /src/target/dist/homecoming /usr/local/bin/homecoming
USER homecoming
WORKDIR /var/lib/homecoming
VOLUME /var/lib/homecoming
ENV HOMECOMING_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["homecoming"]
CMD ["serve", "--empty"]
