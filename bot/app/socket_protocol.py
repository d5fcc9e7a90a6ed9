"""Limits the frames of a WebSocket connection before they reach the application.

uvicorn answers a ping and collects the fragments of a message by itself, so the application cannot count these frames.
Frames of no bytes cost a client next to nothing, but time here, during which no other request is answered; and the
answers to pings would fill the memory while the client does not read them.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode

from bot.metrics.measures import Refusal, count_refusal

FRAMES = 600  # a page sends two a minute by itself, and at most 120 messages
FRAMES_WINDOW_S = 60.0
PIECE_BYTES = 4096  # bytes that are parsed before the frames are counted


class LimitedFrames(WebSocketsSansIOProtocol):
    """A WebSocket protocol that closes a connection with more than FRAMES frames within FRAMES_WINDOW_S seconds.

    Every frame counts: messages and their fragments, pings and pongs.
    """

    _received, _since = 0, float("-inf")

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE_BYTES])

    def handle_events(self) -> None:
        if self._takes(len(self.conn.events)):
            super().handle_events()
        else:
            count_refusal(Refusal.CONNECTIONS)
            self._end(CloseCode.POLICY_VIOLATION)

    def _takes(self, count: int) -> bool:
        """Counts frames and returns whether they are within the limit."""
        now = self.loop.time()
        if now - self._since >= FRAMES_WINDOW_S:
            self._received, self._since = 0, now
        self._received += count
        return self._received <= FRAMES

    def _end(self, code: CloseCode) -> None:
        """Closes the connection without waiting for the client, and tells the application."""
        self.conn.fail(code)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
        # ``close`` waits until the client has read everything, and nothing else limits such a client any more.
        self.loop.call_later(self.close_timeout, self.transport.abort)
