"""What the answerer is told besides the citizen's words. Called by answer_faq.py with Rasa's tracker."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.history import previous_entry
from actions.tracker import read_events
from actions.user_attributes import known
from bot.agency.desk_settings import LANGUAGE
from bot.agency.model import Agency
from bot.faq.entries.context import Context


def context_of(tracker: Tracker, agency: Agency) -> Context:
    """The entry answered last, by us or else by staff, and who asks, in the terms of an entry's ``audiencia``."""
    return Context(previous=previous_entry(read_events(tracker.events)), audience=audience_of(tracker, agency))


def audience_of(tracker: Tracker, agency: Agency) -> dict[str, str]:
    """The commune of the place that the citizen shared or else the agency's own, the channel, both as the message's
    metadata from bot/turns/rasa_client.py tells them, and what the citizen said of themselves, which wins.
    """
    metadata = _metadata(tracker)
    given = {"comuna": metadata.get("comuna") or agency.comuna, "canal": metadata.get("channel")}
    return {dimension: str(value) for dimension, value in given.items() if value} | known(read_events(tracker.events))


def asker_of(tracker: Tracker, agency: Agency) -> dict[str, str]:
    """The same for routes, which may also tell by language. No entry does: the assistant answers in Spanish only."""
    language = _metadata(tracker).get(LANGUAGE)
    return audience_of(tracker, agency) | ({LANGUAGE: str(language)} if language else {})


def _metadata(tracker: Tracker) -> dict[str, Any]:
    return (tracker.latest_message or {}).get("metadata") or {}
