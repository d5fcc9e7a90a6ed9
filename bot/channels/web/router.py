"""Combines the routes of the web channel.

An app needs ``app.include_router(WebChat(...).router())`` and the middleware ``WidgetOrigins`` (origins.py).
"""

from __future__ import annotations

from fastapi import APIRouter

from bot.agency.model import Agency
from bot.channels.web.chats import Chats, Conversations
from bot.channels.web.extras import extras_router
from bot.channels.web.files import files_router
from bot.channels.web.http import http_router
from bot.channels.web.pages import pages_router
from bot.channels.web.socket import socket_router


class WebChat:
    """The web channel; it needs no sender, since browsers read the event log."""

    def __init__(
        self, *, conversations: Conversations, agency: Agency, secret: str, sites: tuple[str, ...] = ()
    ) -> None:
        self._chats = Chats(parts=conversations, agency=agency, secret=secret)
        self._agency = agency
        self._sites = sites

    def router(self) -> APIRouter:
        """Returns the routes ``/``, ``/privacidad``, ``/webchat/*`` and ``/api/chat*``."""
        router = APIRouter()
        router.include_router(pages_router(self._agency, self._sites))
        router.include_router(http_router(self._chats, self._agency))
        router.include_router(extras_router(self._chats))
        router.include_router(files_router(self._chats))
        router.include_router(socket_router(self._chats))
        return router
