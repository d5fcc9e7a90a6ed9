"""Reads what the destination of an import has: the files of the folder, and the open drafts of its entries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

from bot.agency.model import Agency
from bot.faq.entries import phrases
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import is_entry, load_files, read_files
from bot.faq.entries.phrases import Phrase, phrases_name
from bot.faq.entries.problem import Found
from bot.faq.entries.slug import slug
from bot.text.normalize import plain

NUMBERED = re.compile(r"-\d+$")  # the number that ``unique`` appends


@dataclass(frozen=True)
class Drafted:
    """The open draft of an entry: its question, '' if its header cannot be parsed, and its phrases file's text."""

    question: str
    phrases: str = ""


@dataclass(frozen=True)
class Target:
    """The destination of an import: the FAQ folder, the agency whose defaults fill blank cells, and today's date.

    ``replace`` permits the import to replace existing files. ``drafts`` are the open drafts, by the path of the entry.
    """

    folder: Path
    agency: Agency
    today: date
    replace: bool = False
    drafts: Mapping[str, Drafted] = field(default_factory=dict)


@dataclass(frozen=True)
class Present:
    """The current content of the folder: paths, valid entries, the general entry of each id, and the ids in use.

    ``counterexamples`` maps the path of each entry's file to the entry's counterexamples, published or in its draft.
    ``drafts`` are the open drafts, by path; ``unpublished`` are the paths of those without a file, by its stem.
    """

    names: frozenset[str]
    entries: tuple[Entry, ...]
    general: Mapping[str, Entry]
    taken: frozenset[str]
    counterexamples: Mapping[str, tuple[Phrase, ...]]
    drafts: Mapping[str, Drafted]
    unpublished: Mapping[str, str]

    @classmethod
    def of(cls, target: Target) -> Present:
        contents = read_files(target.folder)
        entries = load_files(contents, None, today=target.today).entries
        names = frozenset(filter(is_entry, contents))
        stems = {PurePosixPath(name).stem for name in names | target.drafts.keys()}
        general = {entry.id: entry for entry in entries if not entry.audience}
        taken = frozenset(stems | {entry.id for entry in entries})
        denied = {name: _counterexamples(contents, target.drafts, name) for name in names | target.drafts.keys()}
        fresh = {PurePosixPath(path).stem: path for path in target.drafts if path not in names}
        return cls(names, entries, general, taken, denied, target.drafts, fresh)

    def has(self, path: str) -> bool:
        """Returns whether the entry ``path`` exists, published or as a draft."""
        return path in self.names or path in self.drafts

    def asks(self, stem: str, question: str, topic: str) -> bool:
        """Returns whether the entry with this ``stem`` has this question, published or in its draft of this topic.

        An id is made from the first question and stays, so a draft whose question makes another id may have had it.
        """
        if twin := self.general.get(stem):
            return plain(twin.question) == plain(question)
        if stem not in self.unpublished or str(PurePosixPath(self.unpublished[stem]).parent) != topic:
            return False
        drafted = self.drafts[self.unpublished[stem]].question
        is_edited = slug(drafted) not in {stem, NUMBERED.sub("", stem)}
        return is_edited or plain(drafted) == plain(question)


@dataclass(frozen=True)
class Others:
    """The ids of the entries that are ``present`` and do not ask ``question``, or are drafts of another topic."""

    present: Present
    question: str
    topic: str

    def __contains__(self, id_: object) -> bool:
        return (
            isinstance(id_, str) and id_ in self.present.taken and not self.present.asks(id_, self.question, self.topic)
        )


def _counterexamples(contents: Mapping[str, bytes], drafts: Mapping[str, Drafted], name: str) -> tuple[Phrase, ...]:
    """Returns the counterexamples of an entry: those of its open draft, which the import replaces, else of its file."""
    published = contents.get(phrases_name(name), b"").decode("utf-8", "replace")
    text = drafts[name].phrases if name in drafts else published
    return tuple(one for one in phrases.read(text, Found("")) if one.counterexample)
