"""Tests the link to a map with a shared position."""

from __future__ import annotations

from bot.channels.formatting.places import map_url
from bot.channels.formatting.shown_event import Links, browser_event
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Place
from bot.desk.views.transcript import event_view

HERE = Place(-33.4572, -70.6483)


def test_map_marks_the_position() -> None:
    assert map_url(HERE) == (
        "https://www.openstreetmap.org/?mlat=-33.457200&mlon=-70.648300#map=18/-33.457200/-70.648300"
    )


def test_map_is_the_agencys() -> None:
    maps = "https://mapas.example/?q={direccion}"
    assert map_url(HERE, maps) == "https://mapas.example/?q=-33.457200,-70.648300"
    assert map_url(HERE, "") == ""
    event = Event("1-0", "c", EventKind.MESSAGE, Author.CITIZEN, "aquí", MessageFacts(place=HERE))
    shown = browser_event(event, Links(FileLinks(Addresses("s" * 40)), maps=maps))
    assert shown is not None
    (attached,) = event_view(event, maps=maps).attached
    assert shown.map == attached.url == map_url(HERE, maps)


def test_citizen_sees_the_position_that_they_shared() -> None:
    event = Event("1-0", "c", EventKind.MESSAGE, Author.CITIZEN, "Usar mi ubicación", MessageFacts(place=HERE))
    shown = browser_event(event, Links(FileLinks(Addresses("s" * 40))))
    assert shown is not None
    assert shown.map == map_url(HERE)
