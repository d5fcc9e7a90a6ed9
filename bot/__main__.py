"""Runs a bot process: ``python -m bot [all|web|worker]`` serves create_app() with uvicorn; by default all of it."""

from __future__ import annotations

import contextlib
import sys

import uvicorn

from bot.app.main import create_app
from bot.app.role import Role
from bot.app.services import Services
from bot.app.serving import server_config
from bot.core.log_stream import log_in_background
from bot.core.logs import configure
from bot.core.settings import load_settings
from bot.text.masking.masking import masked

FAILED_TO_START = 3


def main(role: Role) -> None:
    settings = load_settings()
    log_in_background()
    configure(settings.log_level, masked)
    app = create_app(Services.from_settings(settings), role)
    server = uvicorn.Server(server_config(app, settings))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(FAILED_TO_START)


if __name__ == "__main__":
    main(Role(sys.argv[1]) if len(sys.argv) > 1 else Role.ALL)
