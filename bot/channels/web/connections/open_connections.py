"""Counts the sockets, event streams and uploads that are open in this process, and the frames of a socket.

Each open connection takes memory, so their number is limited per network and per conversation. Connections from this
machine are not counted per network: they come from a proxy that is not trusted to name its clients, so a limit would
apply to all clients together.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from bot.channels.web.errors import TooManyMessages
from bot.core.network import limits
from bot.metrics.measures import Refusal, count_refusal

PER_ADDRESS = 200  # people in a library or a school, and phones of one provider, may share one address
PER_CONVERSATION = 8  # pages and devices of one citizen
FRAMES = 120
FRAMES_WINDOW_S = 60.0
LOCAL = ("127.", "::1")
Counted = Callable[[], AbstractContextManager[None]]


class OpenConnections:
    """The number of open connections by network, at most ``per_address``, and by conversation."""

    def __init__(self, per_address: int = PER_ADDRESS) -> None:
        self._open: Counter[str] = Counter()
        self._per_address = per_address

    @contextmanager
    def of_address(self, address: str) -> Iterator[None]:
        """Counts a connection while it is open; raises TooManyMessages if its network has too many."""
        networks = [] if address.startswith(LOCAL) else limits(address, self._per_address)
        with self._counted(networks):
            yield

    @contextmanager
    def of_conversation(self, conversation: str) -> Iterator[None]:
        """Counts a connection of a conversation during a block (context manager).

        Raises TooManyMessages if the conversation has too many.
        """
        with self._counted([(conversation, PER_CONVERSATION)]):
            yield

    def of(self, address: str, conversation: str) -> Counted:
        """Returns a function that makes context managers, which count a connection for its network and conversation.

        Entering a context manager raises TooManyMessages if there are too many connections.
        """

        @contextmanager
        def counted() -> Iterator[None]:
            with self.of_address(address), self.of_conversation(conversation):
                yield

        return counted

    @contextmanager
    def _counted(self, names: list[tuple[str, int]]) -> Iterator[None]:
        if any(self._open[name] >= most for name, most in names):
            count_refusal(Refusal.CONNECTIONS)
            raise TooManyMessages()
        self._open.update(name for name, _ in names)
        try:
            yield
        finally:
            self._open.subtract(name for name, _ in names)
            self._open = +self._open  # drops the names without a connection


class FrameBudget:
    """A limit on the frames that a socket receives: FRAMES in FRAMES_WINDOW_S seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._received: deque[float] = deque(maxlen=FRAMES)

    def takes_one(self) -> bool:
        """Counts a frame and returns whether it is within the budget."""
        now = self._clock()
        if len(self._received) == FRAMES and now - self._received[0] < FRAMES_WINDOW_S:
            return False
        self._received.append(now)
        return True
