"""Prints what an installation does: its messages in Spanish, and one progress bar."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

TEXTS = json.loads((Path(__file__).parent / "bootstrap.json").read_text(encoding="utf-8"))
BAR_WIDTH = 28
# Lock file -> (the number of packages that pip has handled, the number of all its packages).
progress: dict[str, tuple[int, int]] = {}


def say(key: str, **values: object) -> None:
    clear()
    sys.stderr.write(TEXTS[key].format(**values) + "\n")


def stop(key: str, **values: object) -> None:
    say(key, **values)
    sys.exit(1)


def show(lock: str, seen: int, packages: int, name: str) -> None:
    """Draws one progress bar for all running installations, with the name of the package that pip handled last."""
    progress[lock] = min(seen, packages), packages
    done, total = (sum(numbers) for numbers in zip(*progress.values(), strict=True))
    if sys.stderr.isatty():
        filled = BAR_WIDTH * done // max(total, 1)
        name = re.split("[=<>!~; ]", name)[0][:30]
        count = f"{done}/{total}" if total else str(seen)
        sys.stderr.write(f"\r\033[K  {'━' * filled}{'╌' * (BAR_WIDTH - filled)} {count} {name}")
        sys.stderr.flush()


def clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
