"""Writes the file of an entry (YAML header and Markdown body), so that reading the file returns the same values."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString
from yaml import MappingNode, Node, SafeLoader, ScalarNode, SequenceNode, YAMLError, compose, safe_dump

from bot.faq.entries.fields import MAX_BESIDE_THE_ANSWER
from bot.faq.entries.front_matter import FENCE
from bot.faq.entries.phrases import Phrase, changed, clean, phrases_name, unmarked
from bot.faq.entries.schema import AUDIENCE, COUNTEREXAMPLES, date_names, field_order

PLAIN = re.compile(r"[^\W\d_][\w ,.()/-]*|https://[^\s#:]+|\d{4}-\d\d-\d\d")
ONE_LINE = 1_000_000
Value = str | Sequence[str]


def entry_files(name: str, fields: Mapping[str, Value], body: str, comment: str = "") -> dict[str, bytes]:
    """Returns the contents of an entry's files, keyed by path: the file ``name`` and, if needed, a phrases file.

    The phrases file gets the variants after the first MAX_BESIDE_THE_ANSWER, then the counterexamples of the field
    ``no_responde``, each followed by ``comment``.
    """
    variants = fields.get("variantes", ())
    header = {**fields, "variantes": variants[:MAX_BESIDE_THE_ANSWER]}
    denied = map(unmarked, fields.get(COUNTEREXAMPLES, ()))
    further = [Phrase(text, comment) for text in map(clean, variants[MAX_BESIDE_THE_ANSWER:]) if text]
    further += [Phrase(text, comment, counterexample=True) for text in map(clean, denied) if text]
    made = {name: written(header, body).encode()}
    return made | ({phrases_name(name): changed("", further).encode()} if further else {})


def written(fields: Mapping[str, Value], body: str) -> str:
    """Returns the text of an entry's file. The values of ``fields`` are strings; ``variantes`` is a list of strings.

    ``audiencia`` is a string as ``audience_text`` makes it. Empty and blank fields are omitted, and whitespace within a
    field is reduced to single spaces.
    """
    names = [name for name in field_order() if _is_filled(fields.get(name))]
    header = "".join(f"{line}\n" for name in names for line in field_lines(name, fields[name]))
    return f"{FENCE}\n{header}{FENCE}\n{body.strip()}\n"


def field_lines(name: str, value: Value) -> list[str]:
    """Returns the lines of one field of the header; whitespace within the value is reduced to single spaces."""
    if name == AUDIENCE and isinstance(value, str) and (audience := audience_of(value)):
        return [f"{AUDIENCE}: {audience_text(audience)}"]
    yaml = YAML(plug_ins=[])  # it would look for plug-ins in the file system
    yaml.width = ONE_LINE
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump({name: _scalar(name, value)}, stream)
    return stream.getvalue().splitlines()


def audience_text(audience: Mapping[str, Sequence[str]]) -> str:
    """Returns an audience as one line of YAML, such as ``{comuna: [los-aromos]}``."""
    plain = {name: list(values) for name, values in audience.items()}
    return safe_dump(plain, default_flow_style=True, sort_keys=False, allow_unicode=True, width=ONE_LINE).strip()


def audience_of(written: str) -> dict[str, list[str]]:
    """Parses what ``audience_text`` writes; {} if ``written`` is something else."""
    try:
        root = compose(written, SafeLoader)
    except (YAMLError, RecursionError):
        return {}
    return audience_in(root) if isinstance(root, MappingNode) else {}


def audience_in(node: MappingNode) -> dict[str, list[str]]:
    """Returns the values of each dimension in the header's ``audiencia``."""
    return {str(name.value): [*_scalars(values)] for name, values in node.value}


def _scalars(node: Node) -> Iterator[str]:
    nodes = node.value if isinstance(node, SequenceNode) else [node]
    yield from (one.value.strip() for one in nodes if isinstance(one, ScalarNode))


def _is_filled(value: Value | None) -> bool:
    return bool(value.split() if isinstance(value, str) else value)


def _scalar(name: str, value: Value) -> object:
    if not isinstance(value, str):
        return [_quoted(text) for text in value]
    try:
        return date.fromisoformat(value) if name in date_names() else _quoted(value)
    except ValueError:
        return _quoted(value)


def _quoted(text: str) -> str:
    """Returns ``text`` for a YAML value: in double quotes, unless it clearly needs no quotes."""
    line = " ".join(text.split())
    return line if PLAIN.fullmatch(line) else DoubleQuotedScalarString(line)


def save(contents: Mapping[str, bytes], folder: Path) -> None:
    """Writes ``contents``, keyed by path, below ``folder``; deletes each file whose content is empty. Raises OSError.

    All contents are written to temporary files before the first file is replaced.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.new")
            ready.append((fresh, path))
            fresh.write_bytes(content)
        for fresh, path in ready:
            os.replace(fresh, path)
            if not path.stat().st_size:
                path.unlink()
    finally:
        for fresh, _ in ready:
            fresh.unlink(missing_ok=True)
