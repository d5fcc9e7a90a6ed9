"""Reads and writes the agency's test messages: messages of citizens, each with the entry that should answer it.

Test messages are lines of JSON in files next to the FAQ (docs/evaluation.md); the page adds new messages to FILE.
Changing a message rewrites only its line.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.core.errors.base import VentanillaError
from bot.core.logs import log
from bot.core.network import ActionsEndpoint
from bot.desk.editing import record
from bot.faq.entries.entry import Published
from bot.faq.entries.writing import save
from bot.faq.publishing.agency_tests import Written, decoded, written_tests
from bot.learning.backlog.reading import usable
from bot.record.engine import Sessions
from bot.text.normalize import plain

FILE = "mesa.jsonl"
MAX_CHARACTERS = 300
MOST_TESTS = 300  # as in bot/faq/publishing/effect.py, whose import would load the encoder
TIMEOUT_S = 20.0


class Unusable(VentanillaError):
    """A text cannot be a test message; ``why`` is a key of ``pruebas.errores``."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True)
class TestMessage(Written):
    """A test message; its ``id`` stays the same until its line changes."""

    __test__ = False  # not a test case

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.file}\n{self.line}".encode()).hexdigest()[:16]


class TestMessages:
    """The test messages in ``folder``; ``actions`` is the action server."""

    __test__ = False

    def __init__(self, sessions: Sessions, folder: Path, faq: Published, actions: ActionsEndpoint) -> None:
        self._sessions, self._folder, self._faq, self._actions = sessions, folder, faq, actions

    async def all(self) -> list[TestMessage]:
        """Returns the messages in all files, except conversations of several turns, which the page cannot change.

        Raises OSError.
        """
        return await asyncio.to_thread(_read, self._folder)

    async def answered(self, messages: Sequence[TestMessage]) -> list[str] | None:
        """Returns for each message the id of the entry that answers it now, or ''; None if the action server fails."""
        body = {"tests": [{"text": one.text, "faq": one.entry} for one in messages]}
        try:
            async with self._actions.client(TIMEOUT_S) as client:
                answer = (await client.post("/tests", json=body)).raise_for_status()
            return [str(one) for one in answer.json()["answered"]]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("entries: test messages not tried", error=type(error).__name__)
            return None

    async def add(self, text: str, entry: str) -> None:
        """Adds a message that ``entry`` should answer ('' if no entry should) to FILE. Raises Unusable, OSError."""
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            await asyncio.to_thread(self._add, text, entry)

    async def change(self, id: str, text: str, entry: str) -> TestMessage:
        """Changes the message with this id; returns the message before the change. Raises Unusable, OSError."""
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            return await asyncio.to_thread(self._replace, id, text, entry)

    async def remove(self, id: str) -> TestMessage:
        """Removes and returns the message with this id. Raises Unusable, OSError."""
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            return await asyncio.to_thread(self._replace, id, None, "")

    def _add(self, text: str, entry: str) -> None:
        known = _read(self._folder)
        if len(known) >= MOST_TESTS:
            raise Unusable("demasiados")
        self._check(text, known)
        path = self._folder / FILE
        before = path.read_bytes() if path.is_file() else b""
        ends = b"" if not before or before.endswith(b"\n") else b"\n"
        save({FILE: b"".join((before, ends, _line(text, entry).encode(), b"\n"))}, self._folder)

    def _replace(self, id: str, text: str | None, entry: str) -> TestMessage:
        known = _read(self._folder)
        mine = next((one for one in known if one.id == id), None)
        if mine is None:
            raise Unusable("cambio")
        if text is not None:
            self._check(text, [one for one in known if one is not mine])
        lines = (self._folder / mine.file).read_bytes().split(b"\n")
        try:
            at = [decoded(line) for line in lines].index(mine.line)
        except ValueError as error:  # somebody edits the file by hand
            raise Unusable("cambio") from error
        lines[at : at + 1] = [] if text is None else [_line(text, entry, mine.line).encode()]
        save({mine.file: b"\n".join(lines)}, self._folder)
        return mine

    def _check(self, text: str, others: Sequence[TestMessage]) -> None:
        """Checks a text for a test message.

        Raises Unusable if it is empty, too long, private, already tested, or an utterance of an entry.
        """
        folded = plain(text)
        if not folded or len(text) > MAX_CHARACTERS:
            raise Unusable("vacio")
        if not usable(text):
            raise Unusable("privado")
        if folded in {plain(one.text) for one in others}:
            raise Unusable("repetido")
        if any(folded in map(plain, entry.utterances) for entry in self._faq.entries):
            raise Unusable("escrito")


def digest(text: str) -> str:
    """Returns the SHA-256 that identifies the text of a message in the audit log, which contains no texts."""
    return hashlib.sha256(text.encode()).hexdigest()


def _line(text: str, entry: str, old: str = "{}") -> str:
    """Returns a test message as a line of JSON; fields of the line ``old`` other than text and entry are kept."""
    return json.dumps({**json.loads(old), "text": text, "faq": entry or None}, ensure_ascii=False)


def _read(folder: Path) -> list[TestMessage]:
    return [TestMessage(**vars(one)) for one in written_tests(folder)]
