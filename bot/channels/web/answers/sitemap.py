"""Builds the content of robots.txt and sitemap.xml."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from bot.channels.web.site import ANSWERS, page_of
from bot.faq.entries.entry import Entry

# The paths that search engines must not open. Search engines run scripts, so ``/?q=`` would begin a conversation.
CLOSED = ("/?q=", f"{ANSWERS}?q=", "/api/", "/desk")
OTHER_PAGES = ("/", ANSWERS, "/privacidad", "/transparencia", "/transparencia/respuestas")


def robots(address: str) -> str:
    """Returns the content of robots.txt; ``address`` is the site's URL without a trailing slash."""
    closed = "".join(f"Disallow: {path}\n" for path in CLOSED)
    return f"User-agent: *\n{closed}\nSitemap: {address}/sitemap.xml\n"


def sitemap(address: str, entries: Iterable[Entry]) -> str:
    """Returns the content of sitemap.xml: OTHER_PAGES, and the pages of ``entries`` with their review dates."""
    pages = [_page(address + path) for path in OTHER_PAGES]
    pages += [_page(address + page_of(entry.id), entry.reviewed.isoformat()) for entry in entries]
    listed = "\n".join(pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}\n</urlset>\n'
    )


def _page(url: str, changed: str = "") -> str:
    lastmod = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(url)}</loc>{lastmod}</url>"
