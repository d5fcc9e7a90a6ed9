"""Tests that an e-mail is sent once or known to be unsent, with a mail server that is slow at one step."""

from __future__ import annotations

import asyncio

import pytest

from bot.mail import senders, smtp
from bot.mail.senders import SendingFailed, Words
from tests.eventually import eventually
from tests.mail_server import MailServer

TO, WORDS = "turno@losaromos.example", Words("asunto", "texto")


async def test_slow_mail_server_delays_nothing_else() -> None:
    server = MailServer(slow="connect")
    async with server.serving() as sender:
        mails = [asyncio.create_task(sender.send(TO, WORDS)) for _ in range(2 * senders.AT_ONCE)]
        await eventually(lambda: asyncio.sleep(0, server.waiting == senders.AT_ONCE))
        assert await asyncio.to_thread(lambda: "other work") == "other work"
        assert (len(server.taken), [mail.done() for mail in mails]) == (0, [False] * len(mails))
        server.goes_on.set()
        await asyncio.gather(*mails)
    assert len(server.taken) == len(mails)


@pytest.mark.parametrize(("slow", "taken"), [("connect", 0), ("ehlo", 0), ("rcpt", 0), ("data", 0), ("content", 1)])
async def test_email_that_took_too_long_is_not_sent_afterwards(
    monkeypatch: pytest.MonkeyPatch, slow: str, taken: int
) -> None:
    monkeypatch.setattr(senders, "DELIVERED_WITHIN_S", 1.0)
    monkeypatch.setattr(smtp, "ACCEPT_S", 0.1)
    server = MailServer(slow=slow)
    async with server.serving() as sender:
        with pytest.raises(SendingFailed):
            await sender.send(TO, WORDS)
        server.goes_on.set()
        await eventually(lambda: asyncio.sleep(0, server.ended == 1))
    assert len(server.taken) == taken  # once it has the content, only the server knows


@pytest.mark.parametrize("slow", ["rcpt", "data"])
async def test_server_with_too_little_time_left_does_not_get_the_content(
    monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    monkeypatch.setattr(smtp, "ACCEPT_S", senders.DELIVERED_WITHIN_S - 0.2)
    server = MailServer(slow=slow)
    async with server.serving() as sender:
        asyncio.get_running_loop().call_later(0.3, server.goes_on.set)
        with pytest.raises(SendingFailed):
            await sender.send(TO, WORDS)
    assert server.taken == []


async def test_cancelled_email_is_not_sent_afterwards() -> None:
    server = MailServer(slow="rcpt")
    async with server.serving() as sender:
        mail = asyncio.create_task(sender.send(TO, WORDS))
        await eventually(lambda: asyncio.sleep(0, server.waiting))
        mail.cancel()
        await asyncio.gather(mail, return_exceptions=True)
        server.goes_on.set()
        await eventually(lambda: asyncio.sleep(0, server.ended))
    assert (mail.cancelled(), server.taken) == (True, [])


@pytest.mark.parametrize("quit", ["221 chao", "451 no"])
async def test_email_that_was_taken_is_sent_however_the_session_ends(quit: str) -> None:
    server = MailServer(quit=quit)
    async with server.serving() as sender:
        await sender.send(TO, WORDS)
    assert len(server.taken) == 1


async def test_email_that_was_taken_is_sent_though_the_server_never_says_goodbye() -> None:
    server = MailServer(slow="quit")
    async with server.serving() as sender:
        await sender.send(TO, WORDS)
        server.goes_on.set()
    assert len(server.taken) == 1


def test_outcome_of_an_email_is_known_before_its_alarm_counts_as_failed() -> None:
    assert senders.DELIVERED_WITHIN_S < senders.SENT_WITHIN_S


async def test_line_break_in_a_subject_adds_no_header() -> None:
    server = MailServer()
    server.goes_on.set()
    async with server.serving() as sender:
        await sender.send(TO, Words("Falta revisar «basura»\r\nBcc: otro@evil.example\r\n\r\nhola", "texto"))
    head = server.taken[0].partition("\r\n\r\n")[0]
    assert "\nBcc:" not in head and "Subject: " in head
