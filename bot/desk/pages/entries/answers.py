"""Renders the answers to messages whose answer changes: the answer before the change, and the answer after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.agency.offices import Office
from bot.channels.formatting.html import markdown_html
from bot.desk.editing.listing import PublishedFiles
from bot.desk.editing.measuring.effect import Effect
from bot.desk.editing.text import EntryText
from bot.faq.entries import reading
from bot.faq.entries.entry import Entry


@dataclass(frozen=True)
class Answers:
    """The answers before and after a change, as safe HTML, and the entries' questions; all keyed by entry id."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    names: Mapping[str, str]


def answers_of(
    effect: Effect | None, faq: PublishedFiles, texts: Mapping[str, EntryText], offices: tuple[Office, ...]
) -> Answers:
    """Returns the answers that the messages of ``effect`` get now and would get with the new ``texts``.

    ``texts`` are keyed by path. If an entry has an answer for each audience, its general answer is returned.
    """
    before = {one.id: one for one in sorted(faq.entries, key=lambda one: not one.audience)}
    made = (reading.read(path, one.content.encode(), None, one.phrases.encode()).entry for path, one in texts.items())
    after = before | {one.id: one for one in made if one is not None}
    rows = effect.rows if effect else ()
    return Answers(
        _shown(before, {row.before for row in rows}, offices),
        _shown(after, {row.after for row in rows}, offices),
        {id: one.question for id, one in after.items()},
    )


def _shown(entries: Mapping[str, Entry], ids: set[str], offices: tuple[Office, ...]) -> dict[str, str]:
    return {id: markdown_html(entries[id].body, offices) for id in ids if id in entries}
