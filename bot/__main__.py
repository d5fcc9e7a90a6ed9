"""The bot's process: ``python -m bot`` serves create_app() with uvicorn."""

from __future__ import annotations

import uvicorn

from bot.app import create_app
from bot.logs import configure
from bot.settings import load_settings

GRACE_S = 3


def main() -> None:
    settings = load_settings()
    configure(settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        ws_max_size=64 * 1024,
    )


if __name__ == "__main__":
    main()
