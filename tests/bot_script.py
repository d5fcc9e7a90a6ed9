"""Runs the bot with short leases: ``python -m tests.bot_script ROLE``; ``ventanilla run`` uses another script."""

from __future__ import annotations

from bot.__main__ import main
from tests.short_leases import shorten_leases

if __name__ == "__main__":
    shorten_leases()
    main()
