"""Receives e-mails as an SMTP server does, with aiosmtpd."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import Envelope, Session


@dataclass
class Mailbox:
    """The received e-mails; the server rejects every e-mail while ``down``."""

    down: bool = False
    taken: list[Envelope] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:
        if self.down:
            return "451 4.3.0 try later"
        self.taken.append(envelope)
        return "250 OK"
