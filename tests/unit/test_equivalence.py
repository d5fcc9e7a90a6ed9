"""Tests that the comparison of replies with and without Rasa fails only for unexplained differences."""

from __future__ import annotations

import pytest

from benchmarks import equivalence
from benchmarks.equivalence import SURE, BothWays, Message, known_differences, messages
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.turns.answers import Answers
from bot.turns.outcome import Turn
from bot.turns.rasa_client import Rasa


class Differing(BothWays):
    """Gives every message one reply without Rasa and another reply through Rasa."""

    async def ask(self, message: Message) -> tuple[str, Turn | None, Turn | None]:
        self.asked += 1
        return SURE, Turn(said=(Payload("Así."),)), Turn(said=(Payload("Asá."),))


@pytest.mark.parametrize("offered", [False, True])
async def test_only_unknown_differences_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], offered: bool
) -> None:
    (text, before), reason = next(iter(known_differences(offered=offered).items()))
    asked = (Message("dev", text, before), Message("dev", "¿y en otra parte?", "no such message"))
    monkeypatch.setattr(equivalence, "messages", lambda: iter(asked))
    ways = Differing(Rasa("http://rasa"), Answers(ActionsEndpoint("")), offered=offered)
    assert await equivalence.compare(ways) == 1
    told = capsys.readouterr().out
    assert reason in told and told.count("UNKNOWN") == 1


@pytest.mark.parametrize("offered", [False, True])
def test_each_known_difference_is_of_a_message_that_is_sent(offered: bool) -> None:
    sent = {(one.text, one.before) for one in messages()}
    known = known_differences(offered=offered)
    assert known and all(known.values()) and set(known) <= sent
