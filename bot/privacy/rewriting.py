"""Computes new values, without the words of a removed message, for the values in Redis that repeat these words.

The script remove_message.lua writes a new value only if the old one has not changed meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.core.events import Event, EventKind
from bot.privacy.removed_draft import without_sent
from bot.privacy.removed_words import RemovedWords, parsed
from bot.store import keys
from bot.store.client import Store

Clean = Callable[[str], str]
TEXTS = ("text", "data", "secret")  # fields of an event with words


@dataclass
class Rewriting:
    """The values to change, with their old and new content.

    ``log`` contains tuples (entry, field, old, new), ``lists`` (key, old, new) and ``hashes`` (key, field, old, new).
    """

    log: list[tuple[str, str, str, str]] = field(default_factory=list)
    lists: list[tuple[str, str, str]] = field(default_factory=list)
    hashes: list[tuple[str, str, str, str]] = field(default_factory=list)


async def rewriting_of(
    redis: Store, event: Event, words: RemovedWords, tickets: Iterable[str], approvals: Iterable[str]
) -> Rewriting:
    """Reads the conversation's values in Redis and returns those to change. May raise redis.RedisError."""
    made, name = Rewriting(), event.conversation
    opened, sealed = partial(redis.words.opened, name), partial(redis.words.sealed, name)
    for entry, fields in await redis.xrange(keys.log_key(name)):
        if entry != event.id:
            own = changed(words, opened(fields))
            made.log += [(entry, one, fields[one], sealed(new, one)) for one, new in own.items()]
    cleans: dict[str, tuple[str, Clean]] = {
        keys.outbox_key(name): ("data", lambda line: _in_json(line, lambda one: cleaned_message(words, one))),
        keys.unheard_key(name): ("unheard", lambda line: _in_json(line, words.without_in)),
    }
    for key, (what, clean) in cleans.items():
        lines = {line: opened(line) for line in await redis.lrange(key, 0, -1)}
        made.lists += [(key, line, sealed(new, what)) for line, old in lines.items() if (new := clean(old)) != old]
    for key, of in _hashes(name, event, words, tickets, approvals):
        for one, stored in zip(of, await redis.hmget(key, list(of)), strict=True):
            old = opened(stored) if stored else ""
            if old and (new := of[one](old)) != old:
                made.hashes.append((key, one, str(stored), sealed(new, one)))
    return made


def _hashes(
    name: str, event: Event, words: RemovedWords, tickets: Iterable[str], approvals: Iterable[str]
) -> Iterable[tuple[str, dict[str, Clean]]]:
    def derived(text: str) -> str:
        return _in_json(text, words.without_in)

    def answers(text: str) -> str:
        return _in_json(text, lambda one: words.without_in(one, "events"))

    def draft(text: str) -> str:
        return derived(_in_json(text, lambda one: without_sent(one, event.message)))

    own = dict.fromkeys(("form", "dialogue", "known", "buttons"), derived)
    yield keys.conversation_key(name), {**own, "complaint": draft, "resumed_summary": words.without}
    for ticket in tickets:
        yield keys.ticket_key(ticket), {"summary": words.without, "topic": words.without}
    held: dict[str, Clean] = {"words": words.without, "events": answers, "dialogue": derived, "unheard": derived}
    for approval in approvals:
        yield keys.approval_key(approval), held


def changed(words: RemovedWords, fields: Mapping[str, str]) -> dict[str, str]:
    """Returns the new values of those fields of a stream's event that repeat the words."""
    if fields.get("kind") == EventKind.MESSAGE:
        found = cleaned_message(words, fields)
    else:
        found = {one: _cleaned(words, fields[one]) for one in ("text", "secret") if one in fields}
        found["data"] = _in_json(fields["data"], words.without_in)
    return {one: new for one in TEXTS if one in found and (new := found[one]) != fields[one]}


def cleaned_message(words: RemovedWords, message: Any) -> dict[str, Any]:
    """Returns another message without quotes of the removed words; an answer of the FAQ keeps its text."""
    data = parsed(message["data"]) or {}
    text = message["text"] if "provenance" in data else words.without_quotes(message["text"])
    return {**message, "text": text, "data": _in_json(message["data"], words.without_quotes_in)}


def _cleaned(words: RemovedWords, text: str) -> str:
    return words.without(text) if parsed(text) is None else _in_json(text, words.without_in)


def _in_json(text: str, clean: Callable[[Any], object]) -> str:
    """Returns the JSON ``text`` with its value cleaned; ``text`` itself if it is not JSON or nothing changes."""
    value = parsed(text)
    if value is None:
        return text
    new = clean(value)
    return text if new == value else json.dumps(new)
