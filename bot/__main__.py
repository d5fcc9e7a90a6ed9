"""Runs a bot process: ``python -m bot [all|web|worker]`` serves create_app() with uvicorn; the default is ``all``."""

from __future__ import annotations

import contextlib
import sys

from bot.core.process import loading

FAILED_TO_START = 3


def main() -> None:
    with loading():
        from bot.app.role import Role
        from bot.app.serving import bot_server

        server = bot_server(Role(sys.argv[1]) if len(sys.argv) > 1 else Role.ALL)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(FAILED_TO_START)


if __name__ == "__main__":
    main()
