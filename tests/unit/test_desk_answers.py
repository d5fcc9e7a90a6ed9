"""Tests that staff find entries by word prefixes, best match first, and never expired ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.messages import Author, Candidate
from bot.desk.api.answers import FOUND, MIN_CONFIDENCE, SUGGESTED, Answers, text_to_edit
from bot.desk.api.suggestions import Suggested
from bot.faq.entries.entry import Entry
from tests.faq_entry import BASE

ZONE = "America/Santiago"


@dataclass
class Published:
    entries: Sequence[Entry]


OFFER = 0.03


@dataclass
class Suggests:
    """Replaces the action server with fixed suggestions."""

    likely: tuple[Candidate, ...] = ()

    async def of(self, _text: str) -> Suggested:
        return Suggested(self.likely, OFFER)


def entry(
    id: str, question: str = "¿Cómo aviso?", *variants: str, body: str = "Así.", expires_in: int | None = None
) -> Entry:
    today = datetime.now(ZoneInfo(ZONE)).date()
    expires = None if expires_in is None else today + timedelta(days=expires_in)
    return replace(
        BASE, id=id, question=question, variants=variants, body=body, expires=expires, version=id.ljust(12, "0")
    )


def answers(*entries: Entry, likely: tuple[Candidate, ...] = ()) -> Answers:
    return Answers(Published(entries), Suggests(likely), ZONE)  # type: ignore[arg-type]


def found(words: str, *entries: Entry) -> list[str]:
    return [one.id for one in answers(*entries).search(words)]


def test_question_match_precedes_variant_match_and_answer_match_is_dropped() -> None:
    entries = entry("c", body="Un hoyo."), entry("b", "¿Qué?", "hay un hoyo"), entry("a", "¿Un hoyo?")
    assert found("hoyo", *entries) == ["a", "b"]
    assert found("hoyo", *entries[:2]) == ["b", "c"]


@pytest.mark.parametrize(
    ("words", "ids"), [("HÓYO", ["a"]), ("ho", ["a"]), ("oyo", []), ("hoyo calle", ["a"]), ("hoyo plaza", [])]
)
def test_every_word_or_prefix_must_match(words: str, ids: list[str]) -> None:
    assert found(words, entry("a", "¿Hay un hoyo en la calle?")) == ids


@pytest.mark.parametrize("words", ["", "  ", "¿?", "🦙"])
def test_empty_search_shows_the_first_entries(words: str) -> None:
    assert found(words, *(entry(f"e{number}") for number in range(FOUND + 3))) == [
        f"e{number}" for number in range(FOUND)
    ]


def test_entry_is_served_on_its_last_day_and_not_after() -> None:
    entries = entry("yesterday", expires_in=-1), entry("today", expires_in=0), entry("never")
    assert found("aviso", *entries) == ["today", "never"]
    made = answers(*entries)
    assert made.reply("yesterday".ljust(12, "0")) is None
    assert made.reply("today".ljust(12, "0")) is not None


async def test_suggestions_are_few_likely_and_valid() -> None:
    sure = [Candidate(id, "¿?", 0.9) for id in ("gone", "a", "b", "c", "d")]
    likely = (*sure, Candidate("e", "¿?", MIN_CONFIDENCE / 2))
    made = answers(*(entry(id) for id in "abcde"), likely=likely)
    assert [one.id for one, _ in await made.suggested("hoyo")] == ["a", "b", "c"][:SUGGESTED]
    none = answers(entry("e"), likely=likely[-1:])
    assert await none.suggested("hoyo") == []


async def test_first_of_several_audience_variants_is_suggested() -> None:
    one, other = entry("a", body="Para todos."), replace(entry("a", body="Otra."), version="f" * 12)
    ((suggested, _),) = await answers(one, other, likely=(Candidate("a", "¿?", 0.9),)).suggested("x")
    assert suggested.body == "Para todos."


def test_sent_entry_carries_the_agent_source_and_provenance() -> None:
    reply = answers(entry("a")).reply("a".ljust(12, "0"))
    assert reply and reply.provenance
    assert (reply.author, reply.source, reply.provenance.confidence) == (Author.STAFF, BASE.source, 1.0)
    assert answers(entry("a")).reply("") is None


def test_questions_are_listed_once_in_order_and_found_in_any_spelling() -> None:
    made = answers(entry("a", "¿Ñandú?"), entry("b", "¿Ábaco?"), entry("c", "¿Ñandú?"))
    assert made.questions() == ["¿Ábaco?", "¿Ñandú?"]
    about = made.about("ABACO")
    assert about and about.id == "b"
    assert made.about("abacos") is None


def test_editable_text_is_plain_and_ends_with_its_page() -> None:
    text = text_to_edit(entry("a", body="Ve a **la oficina**.\n\n- uno\n- dos"))
    assert "**" not in text
    assert text.endswith(f"\n\n{BASE.source.url}")


def test_expiry_follows_the_agencys_time_zone_and_not_the_machines() -> None:
    """Checks this with Kiribati, where the date is always a day ahead of Pago Pago's."""
    ahead = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    lasts = replace(entry("a"), expires=ahead - timedelta(days=1))
    served = [
        Answers(Published((lasts,)), Suggests(), zone).search("aviso")
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")
    ]  # type: ignore[arg-type]
    assert [len(one) for one in served] == [0, 1]
