"""The bot's process: ``python -m bot`` serves create_app() with uvicorn."""

from __future__ import annotations

import contextlib
import sys

import uvicorn
from starlette.types import ASGIApp

from bot.app import create_app
from bot.logs import configure
from bot.settings import Settings, load_settings

GRACE_S = 3
MOST_FRAME_BYTES = 64 * 1024
FAILED_TO_START = 3


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How this process serves: what faces the internet, so without access log, server header or large frames."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        ws_max_size=MOST_FRAME_BYTES,
    )


def main() -> None:
    settings = load_settings()
    configure(settings.log_level)
    server = uvicorn.Server(server_config(create_app(settings), settings))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(FAILED_TO_START)


if __name__ == "__main__":
    main()
