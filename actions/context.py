"""Builds the context of a question (previous entry, audience, required probability) and the routing dimensions."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.history import entry_beside, previous_entry, question_before
from actions.tracker import events_of
from actions.user_attributes import known
from bot.agency.desk_settings import LANGUAGE
from bot.agency.model import Agency
from bot.core.channels import traits_of
from bot.core.messages import Channel
from bot.faq.answering.context import Context


def context_of(tracker: Tracker, agency: Agency) -> Context:
    """Returns the context: entries last sent, audience, required probability, and whether a danger was denied."""
    metadata, events = _metadata(tracker), events_of(tracker)
    return Context(
        previous_entry(events),
        audience_of(tracker, agency),
        certainty=float(metadata.get("certainty") or 0.0),
        question=question_before(events),
        other=entry_beside(events),
        calm=metadata.get("calm") is True,
    )


def audience_of(tracker: Tracker, agency: Agency) -> dict[str, str]:
    """Returns the citizen's value for each dimension of the audience: commune, channel, and stated values.

    Stated values take precedence.

    Commune and channel come from the message's metadata (bot/turns/rasa_client.py). The default commune is the
    agency's.
    """
    metadata = _metadata(tracker)
    given = {"comuna": metadata.get("comuna") or agency.comuna, "canal": metadata.get("channel")}
    return {dimension: str(value) for dimension, value in given.items() if value} | known(events_of(tracker))


def asker_of(tracker: Tracker, agency: Agency) -> dict[str, str]:
    """Returns the dimensions for routing handoffs: from ``audience_of``, and the language, which no entry uses."""
    language = _metadata(tracker).get(LANGUAGE)
    return audience_of(tracker, agency) | ({LANGUAGE: str(language)} if language else {})


def folds(tracker: Tracker) -> bool:
    """Returns whether to send whole answers, as to a channel that folds them; True if the channel is unknown."""
    metadata = _metadata(tracker)
    channel = metadata.get("channel")
    return bool(metadata.get("whole")) or channel not in set(Channel) or traits_of(Channel(channel)).folds


def _metadata(tracker: Tracker) -> dict[str, Any]:
    return (tracker.latest_message or {}).get("metadata") or {}
