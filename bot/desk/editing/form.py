"""Converts the text of an entry into the fields of a form, and a form back into the text.

Only the lines of changed fields are rewritten: an unchanged form gives the same file, with its comments, quotes and
order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from pathlib import PurePosixPath

import yaml

from bot.core.errors.base import VentanillaError
from bot.desk.editing.text import EntryText
from bot.faq.entries import front_matter, phrases
from bot.faq.entries.fields import ID
from bot.faq.entries.front_matter import CONTROL, FENCE, FrontMatter, Value
from bot.faq.entries.phrases import Phrase
from bot.faq.entries.problem import Found
from bot.faq.entries.schema import AUDIENCE, field_order
from bot.faq.entries.slug import slug
from bot.faq.entries.writing import audience_in, audience_text, field_lines
from bot.text.brief import briefly_cached

VARIANTS = "variantes"
KEPT_HEADERS = 64  # a page of an entry reads the header of the same few texts ten times


class NotAForm(VentanillaError):
    """The header of the file cannot be parsed, so its fields are unknown."""


@dataclass(frozen=True)
class Form:
    """The fields of an entry as texts, '' if absent; ``audience`` maps each dimension to its values.

    ``phrases`` and ``counterexamples`` are the two kinds of lines of the phrases file.
    """

    fields: Mapping[str, str]
    variants: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    answer: str
    audience: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counterexamples: tuple[Phrase, ...] = ()


def path_for(path: str, text: EntryText) -> str:
    """Returns ``path`` in the folder of the text's topic, or unchanged if the text has no topic. Raises NotAForm."""
    written = form_of(text).fields["tema"]
    topic = written if ID.match(written) else slug(written)
    return f"{topic}/{PurePosixPath(path).name}" if topic else path


def form_of(text: EntryText) -> Form:
    """Parses ``text`` into a form. Raises NotAForm."""
    header = _header(text.content)
    names = [name for name in field_order() if name not in {VARIANTS, AUDIENCE}]
    further = phrases.read(text.phrases, Found(""))
    return Form(
        fields={name: _one_line(header.fields.get(name)) for name in names},
        variants=tuple(_variants(header)),
        phrases=tuple(one for one in further if not one.counterexample),
        answer=header.body,
        audience=_audience(header),
        counterexamples=tuple(one for one in further if one.counterexample),
    )


def with_form(text: EntryText, form: Form) -> EntryText:
    """Returns ``text`` with the values of ``form``; unchanged fields keep their lines. Raises NotAForm."""
    header, now = _header(text.content), form_of(text)
    lines = text.content.removesuffix("\n").split("\n")
    fence = _fence(lines, header)
    head = _Head(lines[: fence + 1], header, fence)
    for name, value in form.fields.items():
        if (wanted := " ".join(CONTROL.sub("", value).split())) != now.fields.get(name, ""):
            head.put(name, field_lines(name, wanted) if wanted else [])
    if form.variants != now.variants:
        head.put(VARIANTS, list(_variant_lines(header, head, form.variants)))
    if {**form.audience} != {**now.audience}:
        head.put(AUDIENCE, [f"{AUDIENCE}: {audience_text(form.audience)}"] if form.audience else [])
    content = "\n".join([*head.written(), *_body(lines[fence + 1 :], header, form.answer)])
    return EntryText(f"{content}\n", _phrases(text.phrases, now, form))


def _phrases(text: str, now: Form, form: Form) -> str:
    """Returns the phrases file's ``text`` with the phrases and counterexamples of ``form``."""
    before, after = ([[one.written for one in some] for some in (it.phrases, it.counterexamples)] for it in (now, form))
    return (
        text if before == after else phrases.changed(text, phrases.arranged(text, form.phrases, form.counterexamples))
    )


def ended(text: EntryText, last: date) -> EntryText:
    """Returns ``text`` with ``last`` as the last day on which the entry is served. Raises NotAForm."""
    form = form_of(text)
    return with_form(text, replace(form, fields={**form.fields, "vence": last.isoformat()}))


@briefly_cached(maxsize=KEPT_HEADERS)
def _header(content: str) -> FrontMatter:
    found = Found("")
    header = front_matter.read(content, found)
    if header is None or not header.readable or found.broken:
        raise NotAForm
    return header


def _one_line(value: Value | None) -> str:
    return " ".join((value.text or "").split()) if value else ""


def _variants(header: FrontMatter) -> Iterator[str]:
    value = header.fields.get(VARIANTS)
    if value is not None and isinstance(value.node, yaml.SequenceNode):
        yield from (" ".join(str(node.value).split()) for node in value.node.value)


def _audience(header: FrontMatter) -> dict[str, tuple[str, ...]]:
    value = header.fields.get(AUDIENCE)
    if value is None or not isinstance(value.node, yaml.MappingNode):
        return {}
    return {name: tuple(values) for name, values in audience_in(value.node).items()}


def _fence(lines: list[str], header: FrontMatter) -> int:
    """Returns the index of the ``---`` line below the header."""
    last = min(header.body_line - 1, len(lines)) - 1
    return next(number for number in range(last, -1, -1) if lines[number].strip() == FENCE)


def _body(lines: list[str], header: FrontMatter, answer: str) -> list[str]:
    wanted = CONTROL.sub("", answer.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if wanted == header.body:
        return lines
    blank = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return [*lines[:blank], *(wanted.split("\n") if wanted else [])]


class _Head:
    """The lines of a file up to its second ``---`` line; each field can be replaced once."""

    def __init__(self, lines: list[str], header: FrontMatter, fence: int) -> None:
        self.lines = lines
        starts = sorted((value.line - 1, name) for name, value in header.fields.items())
        ends = [*(start for start, _ in starts[1:]), fence]
        self.spans = {name: (start, self._end(start, end)) for (start, name), end in zip(starts, ends, strict=True)}
        self._edits: list[tuple[int, int, int, list[str]]] = []

    def _end(self, start: int, end: int) -> int:
        """Returns the index after a field's last line, without the blank lines and comments that follow it."""
        while end > start + 1 and (not self.lines[end - 1].strip() or self.lines[end - 1].lstrip().startswith("#")):
            end -= 1
        return end

    def put(self, name: str, written: list[str]) -> None:
        """Replaces the lines of a field; a new field goes below the existing field before it in ``field_order``."""
        rank = field_order().index(name)
        if name in self.spans:
            start, end = self.spans[name]
        else:
            before = [self.spans[one][1] for one in field_order()[:rank] if one in self.spans]
            start = end = max(before, default=1)
        self._edits.append((start, end, rank, written))

    def written(self) -> list[str]:
        result = list(self.lines)
        for start, end, _, fresh in sorted(self._edits, reverse=True):
            result[start:end] = fresh
        return result


def _variant_lines(header: FrontMatter, head: _Head, wanted: Sequence[str]) -> Iterator[str]:
    """Yields the lines of the wanted variants; variants that exist already keep their own lines."""
    value = header.fields.get(VARIANTS)
    if not wanted:
        return
    if value is None or not isinstance(value.node, yaml.SequenceNode) or value.node.flow_style:
        yield from field_lines(VARIANTS, wanted)
        return
    start, end = head.spans[VARIANTS]
    starts = [header.line_of(node) - 1 for node in value.node.value]
    blocks = [head.lines[one:other] for one, other in zip(starts, [*starts[1:], end], strict=True)]
    now = list(_variants(header))
    fresh = field_lines(VARIANTS, wanted)[1:]
    yield from head.lines[start : starts[0]]
    for what, first, last, begin, stop in SequenceMatcher(None, now, wanted, autojunk=False).get_opcodes():
        if what == "equal":
            yield from (line for block in blocks[first:last] for line in block)
        else:
            yield from fresh[begin:stop]
