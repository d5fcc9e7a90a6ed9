"""Asks for the citizen's audience with buttons, if the answer depends on it.

The texts come from ``publicos`` of agency.yml. Each button contains the id of the entry in question, so a click leads
straight to the answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from actions.faq import Ask
from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.core.messages import Button, Candidate
from bot.core.payload import Payload

NOT_SAID = ""


def question(agency: Agency, asks: Ask, candidates: Sequence[Candidate]) -> Payload:
    """Returns the question about the audience, with a button for each possible value and a button to decline."""
    about = next((one for one in candidates if one.entry == asks.entry), Candidate(asks.entry, "", 1.0))
    public = agency.segments.get(asks.dimension, Segment(agency.say("cual_es_tu_caso"), {}))
    values = dict.fromkeys((*public.options, *asks.options))
    titles = {value: public.titled(value) for value in values}
    titles[NOT_SAID] = agency.say("prefiero_no_decir")
    buttons = tuple(Button(title, statement(asks.dimension, value, asks.entry)) for value, title in titles.items())
    return Payload(public.question, buttons=buttons, asks=about)


def statement(dimension: str, value: str, entry: str) -> str:
    """Returns the payload of a button with which the citizen states the ``value`` of a dimension.

    ``entry`` is the id of the entry whose answer depends on the value.
    """
    return f"/tell_audience{json.dumps({'dimension': dimension, 'value': value, 'entry': entry})}"
