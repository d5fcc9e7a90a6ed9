# Caddy as its own user: the official image runs as root.
ARG CADDY_IMAGE=caddy:2.10.0-alpine
FROM ${CADDY_IMAGE}
RUN mkdir -p /data && chown 10002:10002 /data
COPY Caddyfile away.html /etc/caddy/
USER 10002:10002
# Within the container the ports are 80 and 443, whatever port of the host PUBLIC_URL names.
CMD ["sh", "-c", "export SITE=$(echo $PUBLIC_URL | sed -E 's#^([a-z]+://.*):[0-9]+/?$#\\1#'); exec caddy run --config /etc/caddy/Caddyfile --adapter caddyfile"]
