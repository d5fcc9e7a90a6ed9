"""Combines the routes of the web channel.

An app must include ``WebChat(...).router()`` and add the middleware ``WidgetOrigins`` (origins.py).
"""

from __future__ import annotations

from fastapi import APIRouter

from bot.channels.web.answers.pages import AnswerPages
from bot.channels.web.chats import Chats, Conversations
from bot.channels.web.connections.open_connections import OpenConnections
from bot.channels.web.extras import extras_router
from bot.channels.web.files import files_router
from bot.channels.web.http import http_router
from bot.channels.web.notices.api import notices_router
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.channels.web.socket import socket_router
from bot.channels.web.transparency.pages import TransparencyPages


class WebChat:
    """The web channel; it needs no sender, since browsers read the event log."""

    def __init__(self, *, conversations: Conversations, site: Site, secret: str) -> None:
        self._chats = Chats(parts=conversations, agency=site.agency, secret=secret)
        self._site = site

    def router(self) -> APIRouter:
        """Returns the routes of the pages, ``/webchat/*`` and ``/api/chat*``.

        Add them by ``routes.extend``, as here: ``include_router`` reads all signatures again, once a level.
        """
        router, connections = APIRouter(), OpenConnections()
        for part in (
            pages_router(self._site),
            AnswerPages(self._site).router(),
            TransparencyPages(self._site).router(),
            http_router(self._chats, self._site.agency, connections),
            extras_router(self._chats),
            files_router(self._chats),
            socket_router(self._chats, connections),
            notices_router(self._site.notices, self._site.agency),
        ):
            router.routes.extend(part.routes)
        return router
