# Caddy as its own user: the official image runs as root.
ARG CADDY_IMAGE=caddy:2.10.0-alpine
FROM ${CADDY_IMAGE}
RUN mkdir -p /data && chown 10002:10002 /data
COPY Caddyfile /etc/caddy/Caddyfile
USER 10002:10002
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
