"""Delivers one e-mail by SMTP within a time limit, in a thread that any other thread may stop.

The content is sent only if the server then has at least ACCEPT_S seconds to accept it; a delivery that ends earlier has
certainly sent nothing. After the content, only the server knows whether it accepted the e-mail, so an answer that does
not come in time counts as a failure.
"""

from __future__ import annotations

import math
import smtplib
import socket
import ssl
import threading
import time
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote

STEP_S = 15.0  # limit of each step before the content
ACCEPT_S = 25.0  # minimum time for the content and the answer to it
QUIT_S = 2.0  # limit for ending the session, which does not affect the delivery
GO_ON = 354  # the answer after which the content is sent
SUBMISSION_PORT, TLS_PORT = 587, 465


class Delivery:
    """The delivery of one e-mail; it ends ``seconds`` after this object was created, or at ``stop``.

    The ``seconds`` include the time in the queue of the sender's threads.
    """

    def __init__(self, seconds: float) -> None:
        self._ends, self._lock = time.monotonic() + seconds, threading.Lock()
        self._socket: socket.socket | None = None

    def deliver(self, url: SplitResult, message: EmailMessage) -> None:
        """Delivers the message to the server at ``url``. Raises SMTPException, OSError, ValueError."""
        self.limit(None, STEP_S, ACCEPT_S)
        context = ssl.create_default_context()
        server = self._connected(url, context)
        try:
            server.ehlo()
            if url.scheme != "smtps" and (server.has_extn("starttls") or url.password):
                server.starttls(context=context)
                server.ehlo()
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)
            server.end()
        finally:
            server.close()

    def limit(self, connection: socket.socket | None, most_s: float, keep_s: float) -> None:
        """Limits the next step of the connection to ``most_s`` seconds, and leaves ``keep_s`` seconds for later steps.

        Raises TimeoutError if there is no time for the step.
        """
        with self._lock:
            self._socket, left_s = connection, self._ends - time.monotonic() - keep_s
            if left_s <= 0:
                raise TimeoutError
            if connection is not None:
                connection.settimeout(min(most_s, left_s))

    def stop(self) -> None:
        """Ends the current step, and prevents further steps."""
        with self._lock:
            self._ends = -math.inf
            if self._socket is not None:
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # SSLSocket.shutdown is not thread-safe

    def _connected(self, url: SplitResult, context: ssl.SSLContext) -> _Timed:
        if url.scheme == "smtps":
            return _TimedSecure(self, url.hostname or "", url.port or TLS_PORT, context)
        return _Timed(self, url.hostname or "", url.port or SUBMISSION_PORT)


class _Timed(smtplib.SMTP):
    """An SMTP connection whose time limit is set again before each step; ``smtplib`` has one limit for all steps."""

    def __init__(self, delivery: Delivery, host: str, port: int) -> None:
        self._begin(delivery)
        super().__init__(host, port, timeout=STEP_S)

    def send(self, s: str | bytes) -> None:  # type: ignore[override]  # typeshed has a wider type
        self._limit()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self._limit()
        code, words = super().getreply()
        if code == GO_ON:
            self._limit()
            self._most_s, self._keep_s = math.inf, 0.0  # from now on the server may have the e-mail
        return code, words

    def end(self) -> None:
        """Ends the session and ignores errors, since the server has already accepted the e-mail."""
        self._most_s = QUIT_S
        with suppress(smtplib.SMTPException, OSError):
            self.quit()

    def _begin(self, delivery: Delivery) -> None:
        self._delivery, self._most_s, self._keep_s = delivery, STEP_S, ACCEPT_S

    def _limit(self) -> None:
        try:
            self._delivery.limit(self.sock, self._most_s, self._keep_s)
        except TimeoutError:
            self.close()
            raise


class _TimedSecure(_Timed, smtplib.SMTP_SSL):
    """A ``_Timed`` connection with TLS from the beginning."""

    def __init__(self, delivery: Delivery, host: str, port: int, context: ssl.SSLContext) -> None:
        self._begin(delivery)
        smtplib.SMTP_SSL.__init__(self, host, port, timeout=STEP_S, context=context)
