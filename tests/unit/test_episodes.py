"""Tests how a conversation is divided into episodes, and how each episode ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.figures.facts.episodes import GAP, Ending, episodes_of
from bot.figures.facts.talks import Handed, Said, Talk
from tests.rows import each_row

START = datetime(2026, 11, 2, 13, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PROOF = {"provenance": {"entry": "bache", "version": "v1", "confidence": 0.9}}
OFFER = {"offered": [{"entry": "bache"}, {"entry": "poda"}], "buttons": [{"id": "b1"}, {"id": "b2"}, {"id": "none"}]}
DANGER = {"danger": {"kind": "gas", "sure": True}}
MISSED = {"missed": True}
OPEN = Handed(START, "asked_human", "obras")
CLOSED = Handed(START, "asked_human", "obras", closed_at=START + 9 * MINUTE)


def said(author: str, data: Any = None, at: timedelta = MINUTE) -> Said:
    return Said(START + at, author, data or {})


def episode(*messages: Said, **facts: Any) -> dict[str, Any]:
    (one,) = episodes_of(Talk("c1", "web", [said("citizen", at=timedelta()), *messages], **facts))
    return one


@each_row(
    ("messages", "facts", "ending"),
    [
        ([], {}, Ending.SILENT),
        ([said("assistant", MISSED)], {}, Ending.UNKNOWN),
        ([said("assistant", MISSED), said("assistant", PROOF)], {}, Ending.ANSWERED),
        ([said("assistant")], {}, Ending.TALK),
        ([said("assistant", PROOF)], {}, Ending.ANSWERED),
        ([said("assistant", OFFER)], {}, Ending.OFFERED),
        ([said("assistant", OFFER), said("assistant", PROOF)], {}, Ending.ANSWERED),
        ([said("assistant", {"referral": "registro-civil"})], {}, Ending.REFERRED),
        ([said("assistant", DANGER)], {}, Ending.DANGER),
        ([said("assistant", PROOF)], {"tickets": [OPEN]}, Ending.WAITING),
        ([said("system")], {"tickets": [CLOSED]}, Ending.LOST),
        ([said("staff")], {"tickets": [CLOSED]}, Ending.PERSON),
        ([], {"tickets": [Handed(START, "asked_human", "obras", reached=True)]}, Ending.PERSON),
        ([said("system")], {"complaints": [START + MINUTE]}, Ending.COMPLAINT),
        ([said("system")], {"complaints": [START + MINUTE], "tickets": [CLOSED]}, Ending.COMPLAINT),
    ],
)
def test_episode_has_one_ending(messages: list[Said], facts: dict[str, Any], ending: Ending) -> None:
    assert episode(*messages, **facts)["ending"] == ending


@pytest.mark.parametrize(("apart", "count"), [(GAP - MINUTE, 1), (GAP, 2)])
def test_new_episode_begins_after_the_gap(apart: timedelta, count: int) -> None:
    messages = [said("citizen", at=timedelta()), said("citizen", at=apart)]
    assert len(episodes_of(Talk("c1", "web", messages))) == count


def test_nothing_sent_unasked_is_an_episode() -> None:
    assert episodes_of(Talk("c1", "web", [said("system"), said("assistant")])) == []


@pytest.mark.parametrize("replied", [True, False])
@pytest.mark.parametrize("drill", [True, False])
def test_broadcast_that_reaches_the_citizen_changes_no_episode(replied: bool, drill: bool) -> None:
    messages = [said("assistant")] if replied else []
    sent = said("system", {"notice": "3.1", "broadcast": "1", "drill": drill}, at=GAP - MINUTE)
    assert episode(*messages, sent) == episode(*messages)


def test_trial_of_the_team_is_in_no_figure_from_its_code_on() -> None:
    asked = said("citizen", at=timedelta())
    admitted = [said("citizen", at=GAP), said("system", {"trial": True}, at=GAP)]
    later = [said("citizen", at=3 * GAP), said("assistant", PROOF, at=3 * GAP)]
    (one,) = episodes_of(Talk("c1", "whatsapp", [asked, *admitted, *later]))
    assert (one["started_at"], one["returned_at"]) == (START, None)
    assert episodes_of(Talk("c1", "whatsapp", [*admitted, *later])) == []


def test_person_who_attends_keeps_the_episode_open() -> None:
    messages = [said("citizen", at=timedelta()), said("staff", at=3 * GAP), said("citizen", at=9 * GAP)]
    (one,) = episodes_of(Talk("c1", "web", messages, tickets=[OPEN]))
    assert (one["ended_at"], one["replied_at"]) == (START + 9 * GAP, START + 3 * GAP)
    closed = Handed(START, "asked_human", "obras", closed_at=START + 4 * GAP)
    first, second = episodes_of(Talk("c1", "web", messages, tickets=[closed]))
    assert (first["returned_at"], second["reason"]) == (START + 9 * GAP, "")


@pytest.mark.parametrize(("button", "choices"), [("b2", 1), ("none", 0), ("other", 0)])
def test_choice_is_one_of_the_offered_entries(button: str, choices: int) -> None:
    one = episode(said("assistant", OFFER), said("citizen", {"button": button}), said("citizen", {"button": "b1"}))
    assert (one["offers"], one["choices"], one["about"]) == (1, choices, ["bache", "poda"])


@pytest.mark.parametrize(
    ("data", "trigger"), [({}, "words"), ({"button": "b"}, "button"), ({"place": {"latitude": 1}}, "file")]
)
def test_trigger_is_how_the_citizen_began(data: dict[str, Any], trigger: str) -> None:
    (one,) = episodes_of(Talk("c1", "web", [said("citizen", data)]))
    assert one["trigger"] == trigger


def test_entry_that_staff_sent_is_no_answer_of_the_assistant() -> None:
    assert episode(said("staff", PROOF), tickets=[OPEN])["entries"] == []


def test_episode_with_a_public_notice_is_of_a_crisis_unless_it_was_a_drill() -> None:
    assert [
        episode(said("system", data))["crisis"] for data in ({}, {"notice": "n1"}, {"notice": "n1", "drill": True})
    ] == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("answer", "is_drill"), [({}, True), ({"provenance": {"entry": "bache"}}, False), ({"referral": "x"}, False)]
)
def test_only_a_citizen_who_asked_nothing_belongs_to_a_drill(answer: dict[str, Any], is_drill: bool) -> None:
    one = episode(said("system", {"notice": "n1", "drill": True}), said("assistant", answer))
    assert (one["drill"], one["crisis"]) == (is_drill, False)
    assert not episode(said("assistant", answer))["drill"]
