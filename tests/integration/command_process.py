"""Runs ``ventanilla`` with the given arguments; reads COLUMNS, which was not set when the code was imported."""

from __future__ import annotations

import os

from bot.cli.main import main
from bot.core.terminal import console

if __name__ == "__main__":
    console.width = int(os.environ["COLUMNS"])
    main()
