"""Sends messages such as alarms by e-mail (SMTP) or SMS (Twilio)."""

from __future__ import annotations

import asyncio
import smtplib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Protocol
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from bot.core.errors.base import RetryableError
from bot.core.network import trusted
from bot.core.outgoing.destinations import only_to
from bot.mail.smtp import Delivery

TIMEOUT_S = 15.0  # limit of a request to send an SMS
SENT_WITHIN_S = 60.0  # limit for sending an alarm, by any sender
DELIVERED_WITHIN_S = 50.0  # limit for an e-mail; less than SENT_WITHIN_S, so that its outcome is known by then
AT_ONCE = 6  # e-mails that one sender delivers at the same time; others wait, and the wait counts for their limit


class SendingFailed(RetryableError):
    """The message could not be sent."""


@dataclass(frozen=True)
class Words:
    """The text of a message such as an alarm or the monthly report; it never quotes a citizen."""

    subject: str
    text: str
    file_name: str = ""
    file: bytes = b""  # a PDF; only e-mails carry it


class Sender(Protocol):
    """A way to send a message to a person; ``way`` is its name in metrics and logs."""

    way: str

    async def send(self, to: str, words: Words) -> None:
        """Sends the message to the address or number ``to``. Raises SendingFailed."""
        ...


class MailSender:
    """Sends e-mails through ``url``, such as ``smtp://user:password@host:587`` or ``smtps://...``.

    With ``smtp``, STARTTLS is used if the server offers it, and is required if there is a password. The sender has
    separate threads, so that a slow mail server delays nothing else. An e-mail that failed may have arrived only if the
    server had its content and did not answer (smtp.py).
    """

    way = "mail"

    def __init__(self, url: SecretStr, sender: str) -> None:
        self._url, self._sender = urlsplit(url.get_secret_value()), sender
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="mail")

    async def send(self, to: str, words: Words) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, " ".join(words.subject.split())
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].strip(">") or None)
        message["Importance"] = "normal" if words.file else "high"
        message.set_content(words.text)
        if words.file:
            message.add_attachment(words.file, maintype="application", subtype="pdf", filename=words.file_name)
        try:
            await self._deliver(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise SendingFailed(way=self.way, error=type(error).__name__) from error

    async def _deliver(self, message: EmailMessage) -> None:
        """Delivers the message in a thread; stops the thread after DELIVERED_WITHIN_S seconds or on cancellation."""
        loop, delivery = asyncio.get_running_loop(), Delivery(DELIVERED_WITHIN_S)
        end = loop.call_later(DELIVERED_WITHIN_S, delivery.stop)
        try:
            await loop.run_in_executor(self._threads, delivery.deliver, self._url, message)
        except asyncio.CancelledError:
            delivery.stop()
            raise
        finally:
            end.cancel()


@dataclass(frozen=True)
class SmsAccount:
    """A Twilio account, and ``sender``: the number or Messaging Service (MG...) that sends."""

    sid: str
    token: SecretStr
    sender: str
    api_url: str


class SmsSender:
    """Sends SMS through Twilio; the HTTP client stays open until ``close``."""

    way = "sms"

    def __init__(self, account: SmsAccount) -> None:
        self._account = account
        auth = (account.sid, account.token.get_secret_value())
        self._client = httpx.AsyncClient(
            verify=trusted(),
            base_url=account.api_url,
            auth=auth,
            timeout=TIMEOUT_S,
            event_hooks=only_to(account.api_url),
        )

    async def send(self, to: str, words: Words) -> None:
        sender = self._account.sender
        by = {"MessagingServiceSid": sender} if sender.startswith("MG") else {"From": sender}
        path = f"/2010-04-01/Accounts/{self._account.sid}/Messages.json"
        try:
            answer = await self._client.post(path, data={"To": to, "Body": words.subject + "\n" + words.text, **by})
            answer.raise_for_status()
            if "sid" not in answer.json():
                raise ValueError("no sid")
        except (httpx.HTTPError, ValueError, TypeError) as error:
            raise SendingFailed(way=self.way, error=type(error).__name__) from error

    async def close(self) -> None:
        await self._client.aclose()
