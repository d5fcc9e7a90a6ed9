"""Splits an FAQ file into its YAML header and its Markdown body, and keeps the line numbers.

The YAML is parsed into nodes, not into Python values: a date remains text until ``fields`` checks it, and no tag is
executed. ``yaml_hints`` explains headers that are not valid YAML.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

import yaml

from bot.core.yaml import FAST
from bot.faq.entries import yaml_hints
from bot.faq.entries.problem import Found

FENCE = "---"
NEARLY_FENCE = re.compile(r"^[-–—_]{1,6}$")
# libyaml takes a tab for a space, skips such marks, and places the missing value of a last «? key» on the next line.
ODD = re.compile(r"[\t\ufeff\u2028\u2029]|^[ -]*\?\s", re.MULTILINE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufffe\uffff]")


@dataclass(frozen=True)
class Value:
    """A value of the header: its YAML node and the line of its key in the file, counted from 1."""

    node: yaml.Node
    line: int

    @property
    def text(self) -> str | None:
        """Returns the text of a scalar, without surrounding whitespace; None if the value is not a scalar."""
        return self.node.value.strip() if isinstance(self.node, yaml.ScalarNode) else None


@dataclass(frozen=True)
class FrontMatter:
    """A parsed file: its header's fields keyed by name, whether the YAML is valid (``readable``), and its body.

    ``line`` and ``body_line`` are the numbers, from 1, of the first lines of the header and of the body.
    """

    fields: dict[str, Value]
    readable: bool
    body: str
    line: int
    body_line: int

    def line_of(self, node: yaml.Node) -> int:
        """Returns the line in the file, counted from 1, on which ``node`` begins."""
        return int(node.start_mark.line) + self.line


@dataclass(frozen=True)
class _Cut:
    """Line indices, from 0: of the header's first line, of the line after the header, and of the body's first line."""

    start: int
    stop: int
    body: int


def read(text: str, found: Found) -> FrontMatter | None:
    """Splits ``text`` into header and body, and adds problems to ``found``.

    Returns None if ``text`` is blank or has no line with ``---``.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n")
    _reject_control(lines, found)
    cut = _cut(lines, found)
    if cut is None:
        return None
    header = [CONTROL.sub("", line) for line in lines[cut.start : cut.stop]]
    body = "\n".join(lines[cut.body :])
    fields = _fields(header, cut.start, found)
    return FrontMatter(fields or {}, fields is not None, body.strip(), cut.start + 1, cut.body + 1 + _blank_lines(body))


def _blank_lines(body: str) -> int:
    return body[: len(body) - len(body.lstrip())].count("\n")


def _reject_control(lines: list[str], found: Found) -> None:
    for number, line in enumerate(lines, start=1):
        if CONTROL.search(line):
            found.add("caracter_de_control", number)


def _cut(lines: list[str], found: Found) -> _Cut | None:
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        found.add("archivo_vacio", 1)
        return None
    start = first + 1 if _is_fence(lines, first, found) else first
    if start == first:
        found.add("sin_inicio", first + 1)
    for number in range(start, len(lines)):
        if _is_fence(lines, number, found):
            return _Cut(start, number, number + 1)
    if start == first:
        return None
    end = next((number for number in range(start, len(lines)) if not lines[number].strip()), len(lines))
    found.add("sin_cierre", min(end + 1, len(lines)))
    return _Cut(start, end, end)


def _is_fence(lines: list[str], number: int, found: Found) -> bool:
    line = lines[number].strip()
    if line == FENCE:
        return True
    if lines[number][:1].isspace() or not NEARLY_FENCE.match(line):
        return False
    found.add("tres_guiones", number + 1, escrito=line)
    return True


def _fields(header: list[str], offset: int, found: Found) -> dict[str, Value] | None:
    try:
        root = _composed("\n".join(header))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        yaml_hints.explain(header, offset, error, found)
        return None
    if root is None:
        found.add("sin_campos", offset + 1)
        return None
    if not isinstance(root, yaml.MappingNode):
        yaml_hints.explain(header, offset, None, found)
        return None
    return _by_key(root, offset, found)


def _composed(header: str) -> yaml.Node | None:
    """Parses a header into nodes; raises the errors of the parser in Python, which name the place best."""
    if not ODD.search(header + "\n"):
        with suppress(yaml.YAMLError, ValueError):
            return yaml.compose(header, Loader=FAST)
    return yaml.compose(header, Loader=yaml.SafeLoader)


def _by_key(root: yaml.MappingNode, offset: int, found: Found) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for key, node in root.value:
        line = key.start_mark.line + 1 + offset
        name = str(key.value).strip() if isinstance(key, yaml.ScalarNode) else "?"
        if name in fields:
            found.add("campo_repetido", line, name, otra=fields[name].line)
            continue
        fields[name] = Value(node, line)
    return fields
