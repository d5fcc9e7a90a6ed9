"""Prints as JSON what each part of the code knows of the channel ``letter``; runs in a copy of the code with it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from pydantic import SecretStr

from bot.agency.model import Agency, load_agency
from bot.agency.whatsapp_templates import Templates
from bot.app.channel_registry import connect
from bot.app.public_notices import shows
from bot.channels.outgoing.adapter import ChannelContext
from bot.conversation.addresses import Addresses
from bot.core.channels import name_of, text_limits
from bot.core.messages import Channel
from bot.core.settings import ROOT, Settings
from bot.desk.pages.base import DeskPages
from bot.desk.views.extras import failure_words
from bot.desk.views.reply_window import window_view
from bot.handoff.listing import Waiting
from bot.handoff.media import Media, hindrance_words
from bot.public_notices.notice import PublicNotice, Severity
from bot.store.client import open_redis
from bot.store.prelude import definitions

LETTER = Channel("letter")
WROTE_AT = 1_700_000_000_000


def connected(agency: Agency) -> dict[str, Any]:
    """Returns the parts that the bot runs for the channel."""
    redis = open_redis("redis://127.0.0.1:1/0")
    given: Any = (Settings(VENTANILLA_SECRET=SecretStr("s" * 40)), agency, redis, None, Addresses("s" * 40), None)
    on = connect(ChannelContext(*given))
    routes = [getattr(route, "path", "") for router in on.routers() for route in router.routes]
    return {"senders": len(on.senders), "routes": routes, "previews": list(on.previews)}


def desk(agency: Agency) -> dict[str, Any]:
    """Returns what the desk shows about the channel."""
    waiting: Any = Waiting(SimpleNamespace(channel=LETTER), None, 0, inbound_at=WROTE_AT)  # type: ignore[arg-type]
    shown = window_view(waiting, Templates(answer="HX1"))
    pages = DeskPages(guard=None, auth=None, agency=agency)  # type: ignore[arg-type]
    return {
        "name": name_of(LETTER),
        "icons": bytes(pages.page("icons.html").body).decode(),
        "text_limit": text_limits()[LETTER],
        "window_ms": shown.lasts if shown else None,
        "previews": shown.previews if shown else None,
        "failure": failure_words("letter.no_box"),
    }


def files() -> dict[str, Any]:
    """Returns which files staff may send through the channel."""
    media = Media(tickets=None, files=None, public_url="")  # type: ignore[arg-type]
    public = Media(tickets=None, files=None, public_url="https://x.example")  # type: ignore[arg-type]
    limits = media.limits(LETTER)
    return {
        "picture": limits.picture,
        "document": limits.document,
        "hindrances": [media.hindrance(LETTER, WROTE_AT), public.hindrance(LETTER, WROTE_AT)],
        "words": hindrance_words(LETTER, "ventana_cerrada"),
    }


def notices(agency: Agency) -> list[bool]:
    """Returns whether a short and a long public notice are each shown in one message."""
    short = PublicNotice("1.1", "Sin agua & luz.", Severity.IMPORTANT, "La Municipalidad", WROTE_AT, WROTE_AT, WROTE_AT)
    return [shows(LETTER, one, agency=agency) for one in (short, replace(short, text="a" * 501))]


def main() -> None:
    agency = load_agency(ROOT / "agency.yml")
    told = {
        "debounce": agency.debounce_ms[LETTER],
        "lua": definitions()["REPLY_WINDOWS_MS"],
        "notices": notices(agency),
    }
    print(json.dumps({**told, **connected(agency), "desk": desk(agency), "files": files()}))  # noqa: T201


if __name__ == "__main__":
    main()
