"""Loads the templates of the desk's pages, and defines the headers with which these pages are sent.

A Content-Security-Policy allows only files of this site, and pages are never cached.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.core.roles import role_words
from bot.core.texts import CHANNELS, area
from bot.desk.static_files import LOADING, STATIC
from bot.figures.charts import TEMPLATES as CHARTS

FOLDER = Path(__file__).parent.parent
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send "Origin: null" with our own forms
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@cache
def templates() -> Environment:
    """Returns the desk's template environment, one per process, so that each template is compiled once."""
    environment = Environment(
        loader=FileSystemLoader([FOLDER / "templates", CHANNELS, CHARTS]),  # CHANNELS: the channels' icons
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"role_words": role_words, "area": area, "static": STATIC, "loading": LOADING}
    return environment
