"""Limits how much a conversation and a network may send to the web chat."""

from __future__ import annotations

import hmac

from bot.channels.web.errors import TooManyConversations, TooManyFiles, TooManyMessages
from bot.conversation.inbox import Inbox, Use
from bot.core.network import limits, network
from bot.core.secrets.encryption import Secrets
from bot.metrics.measures import Refusal, count_refusal

NAME_CHARACTERS = 32
OPENINGS_PER_ADDRESS = 60
OPENINGS_WINDOW_S = 600
MESSAGES_PER_CONVERSATION = 30
MESSAGES_PER_ADDRESS = 240  # people in a library or a school may share one address
MESSAGES_WINDOW_S = 60
CHARACTERS_PER_CONVERSATION = 20_000  # in MESSAGES_WINDOW_S: five messages of maximum length
CHARACTERS_PER_ADDRESS = 80_000
FILES_PER_CONVERSATION = 10
FILE_BYTES_PER_ADDRESS = 50 * 1024 * 1024
FILES_WINDOW_S = 3600
TYPINGS = 10  # a page sends a typing signal every 3 s
TYPINGS_WINDOW_S = 20


class ChatLimits:
    """The limits, counted in Redis; ``secret`` keys the HMACs of networks. Methods may raise redis.RedisError."""

    def __init__(self, inbox: Inbox, secret: str) -> None:
        self._inbox, self._secret = inbox, Secrets.of(secret).current.encode()

    def sender(self, address: str) -> str:
        """Returns the name under which open tickets of a network are counted; the name does not reveal the network."""
        return name_of(self._secret, "sender", network(address))

    async def opening(self, address: str) -> None:
        """Counts a new conversation; raises TooManyConversations above the limit of its network."""
        for name, most in self._of_network("open", address, OPENINGS_PER_ADDRESS):
            if not await self._inbox.allow(name, most, OPENINGS_WINDOW_S):
                count_refusal(Refusal.OPENINGS)
                raise TooManyConversations()

    async def message(self, conversation: str, address: str, id: str, characters: int = 0) -> None:
        """Counts a message and its ``characters``, once for its ``id``; raises TooManyMessages above a limit."""
        uses: list[Use] = [(f"chat:{conversation}", MESSAGES_PER_CONVERSATION, 1)]
        uses += [(name, most, 1) for name, most in self._of_network("from", address, MESSAGES_PER_ADDRESS)]
        if characters:
            uses.append((f"characters:{conversation}", CHARACTERS_PER_CONVERSATION, characters))
            network_limits = self._of_network("characters", address, CHARACTERS_PER_ADDRESS)
            uses += [(name, most, characters) for name, most in network_limits]
        # One request, since Valkey writes each to disk before it responds.
        if not await self._inbox.allow_all(uses, MESSAGES_WINDOW_S, conversation=conversation, id=id):
            count_refusal(Refusal.MESSAGES)
            raise TooManyMessages()

    async def rating(self, conversation: str) -> None:
        """Counts a rating; raises TooManyMessages above the limit."""
        if not await self._inbox.allow(f"rates:{conversation}", MESSAGES_PER_CONVERSATION, MESSAGES_WINDOW_S):
            count_refusal(Refusal.MESSAGES)
            raise TooManyMessages()

    async def typing(self, conversation: str) -> bool:
        """Counts a typing signal and returns whether it may be shown."""
        return await self._inbox.allow(f"typing:{conversation}", TYPINGS, TYPINGS_WINDOW_S)

    async def file(self, conversation: str, address: str, size: int) -> None:
        """Counts a file for the conversation, and its ``size`` in bytes for the network.

        A repeated file counts again, since its bytes are read again. Raises TooManyFiles above a limit.
        """
        limited = [(f"files:{conversation}", FILES_PER_CONVERSATION, 1)]
        limited += [(name, most, size) for name, most in self._of_network("bytes", address, FILE_BYTES_PER_ADDRESS)]
        for name, most, cost in limited:
            if not await self._inbox.allow(name, most, FILES_WINDOW_S, cost=cost):
                count_refusal(Refusal.FILES)
                raise TooManyFiles()

    def _of_network(self, prefix: str, address: str, most: int) -> list[tuple[str, int]]:
        """Returns the rate limits of the address's network and, for IPv6, of its site, as (name, maximum) pairs."""
        return [(f"{prefix}:{name_of(self._secret, 'ip', one)}", limit) for one, limit in limits(address, most)]


def name_of(secret: bytes, kind: str, address: str) -> str:
    """Returns the HMAC of an address or a token, under which it is stored; ``kind`` separates different uses."""
    return hmac.new(secret, f"{kind}:{address}".encode(), "sha256").hexdigest()[:NAME_CHARACTERS]
