"""Runs the action server: ``python -m actions``."""

from __future__ import annotations

import os

from bot.core.process import loading


def main() -> None:
    """Runs the action server until SIGTERM or SIGINT."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a thread that runs already could not be confined
    with loading():
        from actions.serving import Serving

        serving = Serving.from_settings()
    serving.run()


if __name__ == "__main__":
    main()
