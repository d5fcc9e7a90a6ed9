"""Tests the button that confirms a danger, through Rasa."""

from __future__ import annotations

from uuid import uuid4

import pytest

from bot.agency.model import Agency
from bot.core.messages import Priority
from tests.rasa.speaking import RASA, SpeakingRasa

pytestmark = pytest.mark.skipif(not RASA.exists(), reason="the Rasa environment is not built: make setup")


async def test_confirmed_danger_gets_the_number_of_its_kind_and_a_person(rasa: SpeakingRasa, agency: Agency) -> None:
    turn = await rasa.say(uuid4().hex, '/emergency{"kind":"gas"}')
    assert [reply.text for reply in turn.replies] == [agency.emergencies["gas"]]
    assert turn.handoff is not None
    assert turn.handoff.priority is Priority.EMERGENCY
