"""Checks docs/asvs.yml, which lists the requirements of OWASP ASVS 5.0 with their status: ``python -m scripts.asvs``.

Ids must be unique, the CHAPTERS complete, and every named file and test must exist. A requirement with status ``met``
must name its evidence, and the table in docs/security.md must contain the list's totals.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.yaml import read_yaml

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "asvs.yml"
SUMMARY = ROOT / "docs" / "security.md"
# The chapters whose requirements of levels 1 and 2 are all listed: for each section, the number of its last
# requirement, and the numbers of the level-3 requirements, which are left out.
CHAPTERS: dict[str, dict[str, tuple[int, set[int]]]] = {
    "V1": {"1": (2, set()), "2": (10, {10}), "3": (12, {12}), "4": (3, set()), "5": (3, {3})},
    "V2": {"1": (3, set()), "2": (3, set()), "3": (5, {5}), "4": (2, {2})},
    "V3": {
        "1": (1, {1}),
        "2": (3, {3}),
        "3": (5, {5}),
        "4": (8, {7, 8}),
        "5": (8, {6, 7, 8}),
        "6": (1, {1}),
        "7": (5, {3, 4, 5}),
    },
    "V4": {"1": (5, {4, 5}), "2": (5, {2, 3, 4, 5}), "3": (2, set()), "4": (4, set())},
    "V5": {"1": (1, set()), "2": (6, {4, 5, 6}), "3": (3, {3}), "4": (3, set())},
    "V6": {
        "1": (3, set()),
        "2": (12, set()),
        "3": (8, {5, 6, 7, 8}),
        "4": (6, {5, 6}),
        "5": (8, {6, 7, 8}),
        "6": (4, {4}),
        "7": (2, {1, 2}),
        "8": (4, set()),
    },
    "V7": {"1": (3, set()), "2": (4, set()), "3": (2, set()), "4": (5, set()), "5": (3, {3}), "6": (2, set())},
    "V8": {"1": (4, {3, 4}), "2": (4, {4}), "3": (3, {2, 3}), "4": (2, {2})},
    "V9": {"1": (3, set()), "2": (4, set())},
    "V10": {
        "1": (2, set()),
        "2": (3, {3}),
        "3": (5, {5}),
        "4": (16, {12, 13, 14, 15, 16}),
        "5": (5, set()),
        "6": (2, set()),
        "7": (3, set()),
    },
    "V11": {
        "1": (4, {3, 4}),
        "2": (5, {4, 5}),
        "3": (5, {4, 5}),
        "4": (4, set()),
        "5": (2, {2}),
        "6": (2, {2}),
        "7": (2, {1, 2}),
    },
    "V12": {"1": (5, {4, 5}), "2": (2, set()), "3": (5, {5})},
    "V13": {"1": (4, {2, 3, 4}), "2": (6, {6}), "3": (4, {3, 4}), "4": (7, {6, 7})},
    "V14": {"1": (2, set()), "2": (8, {5, 6, 7, 8}), "3": (3, set())},
    "V15": {"1": (5, {4, 5}), "2": (5, {4, 5}), "3": (7, set()), "4": (4, {1, 2, 3, 4})},
    "V16": {"1": (1, set()), "2": (5, set()), "3": (4, set()), "4": (3, set()), "5": (4, {4})},
    "V17": {"1": (2, {2}), "2": (8, {5, 6, 7, 8}), "3": (2, set())},
}
ID = re.compile(r"V\d{1,2}\.\d{1,2}\.\d{1,2}")
ALL = "all"
# A row of the table: the chapter, its state, and how many of its requirements have each Status.
ROW = re.compile(r"^\| (V\d+|all) [^|]*\| ([^|]+\|(?: \d+ \|){3} \d+) \|", re.MULTILINE)
Status = Literal["met", "partly", "no", "not applicable"]


class Requirement(BaseModel):
    """A requirement's status, the files and tests that are its evidence (``by``), and an explanation (``words``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    status: Status = Field(alias="is")
    by: tuple[str, ...]
    words: str = Field(min_length=3)


class _Unique(yaml.CSafeLoader):
    """A YAML loader that rejects duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [self.construct_object(key) for key, _ in node.value]
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {', '.join(map(str, twice))}", node.start_mark)
        return super().construct_mapping(node, deep)


def expected() -> set[str]:
    """Returns the ids of the requirements of levels 1 and 2 in CHAPTERS."""
    return {
        f"{chapter}.{section}.{number}"
        for chapter, sections in CHAPTERS.items()
        for section, (last, above) in sections.items()
        for number in range(1, last + 1)
        if number not in above
    }


def problems(text: str, summary: str, root: Path = ROOT) -> list[str]:
    """Returns the problems of the file's ``text`` and of the table in ``summary``; [] if there are none."""
    try:
        raw = yaml.load(text, _Unique)  # noqa: S506  (a SafeLoader)
        said = {str(id): Requirement.model_validate(one) for id, one in raw.items()}
    except (yaml.YAMLError, ValidationError, AttributeError) as error:
        return [" ".join(str(error).split())]
    found = [f"{id}: no id of the standard" for id in said if not ID.fullmatch(id)]
    found += [f"{id}: missing" for id in sorted(expected() - said.keys())]
    found += [f"{id}: not of level 1 or 2" for id in sorted(_of_chapters(said) - expected())]
    for id, one in said.items():
        found += [f"{id}: {named} does not exist" for named in one.by if not exists(named, root)]
        if one.status == "met" and not one.by:
            found.append(f"{id}: met, and nothing shows it")
    return found + _unlike(said, summary)


def exists(named: str, root: Path = ROOT) -> bool:
    """Returns whether the named file exists and contains the test named after ``::``, if any."""
    file, _, test = named.partition("::")
    path = root / file
    if not path.is_file():
        return False
    return (
        not test or re.search(rf"^(async )?def {re.escape(test)}\(", path.read_text("utf-8"), re.MULTILINE) is not None
    )


def _of_chapters(ids: Any) -> set[str]:
    return {id for id in ids if id.partition(".")[0] in CHAPTERS}


def _unlike(said: dict[str, Requirement], summary: str) -> list[str]:
    """Compares the rows of the table with CHAPTERS and the requirements; returns a problem for each that differs."""
    rows = {chapter: " ".join(rest.split()) for chapter, rest in ROW.findall(summary)}
    found = []
    for chapter in (*CHAPTERS, ALL):
        counts = Counter(one.status for id, one in said.items() if chapter in (ALL, id.partition(".")[0]))
        right = " | ".join((_state(counts), *(str(counts[status]) for status in get_args(Status))))
        if rows.get(chapter) != right:
            found.append(f"{chapter}: docs/security.md says {rows.get(chapter)!r}, right is {right!r}")
    return found


def _state(counts: Counter[Status]) -> str:
    if counts.total() == counts["not applicable"]:
        return "does not apply"
    return "partly" if counts["partly"] or counts["no"] else "met"


def main() -> int:
    text, summary = FILE.read_text("utf-8"), SUMMARY.read_text("utf-8")
    if found := problems(text, summary):
        sys.stderr.write("".join(f"docs/asvs.yml: {one}\n" for one in found))
        return 1
    counts = Counter(one["is"] for one in read_yaml(text).values())
    sys.stdout.write("ASVS 5.0, level 2: " + ", ".join(f"{count} {name}" for name, count in counts.items()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
