"""Tests that a failing address does not prevent the e-mails to other addresses."""

from __future__ import annotations

import pytest

from bot.mail.letters import mailed
from bot.mail.senders import SendingFailed, Words

WORDS = Words("Una respuesta vence", "Míralo.")


class Post:
    """A mail server that refuses certain addresses."""

    way = "mail"

    def __init__(self, *refused: str) -> None:
        self.refused, self.sent = refused, list[str]()

    async def send(self, to: str, words: Words) -> None:
        if to in self.refused:
            raise SendingFailed(way=self.way, error="refused")
        self.sent.append(to)


@pytest.mark.parametrize(("refused", "done"), [((), True), (("a@x.cl",), True), (("a@x.cl", "b@x.cl"), False)])
async def test_mailing_returns_whether_any_email_was_sent(refused: tuple[str, ...], done: bool) -> None:
    post = Post(*refused)
    assert await mailed(post, dict.fromkeys(("a@x.cl", "b@x.cl"), WORDS)) is done
    assert post.sent == [one for one in ("a@x.cl", "b@x.cl") if one not in refused]


async def test_mailing_to_nobody_counts_as_done() -> None:
    assert await mailed(Post(), {})
