"""Reads the files data/faq/<tema>/<id>.md and <id>.frases.txt into entries, and collects the problems of all files.

``reading`` checks each entry separately; ``duplicates`` compares the files with each other.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from bot.faq.entries import duplicates
from bot.faq.entries.entry import Entry
from bot.faq.entries.phrases import ENTRY_SUFFIX, SUFFIX, entry_name, phrases_name
from bot.faq.entries.problem import Found, Problem, Severity
from bot.faq.entries.reading import MAX_BYTES, read

Signs = dict[str, tuple[int, int, int, int]]


@dataclass(frozen=True)
class Folder:
    """The content of an FAQ folder: the usable entries, sorted by path, and all problems."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def load_folder(faq_dir: Path, teams: Mapping[str, str] | None, *, today: date | None = None) -> Folder:
    """Reads every entry below ``faq_dir``. An invalid file raises nothing: its problems are in the result.

    ``teams`` are the teams of agency.yml; None accepts any team, for the FAQ of another agency. Entries that expired
    before ``today`` (by default, the current date) are reported too.
    """
    return load_files(read_files(faq_dir), teams, today=today)


def read_files(faq_dir: Path) -> dict[str, bytes]:
    """Returns the contents of all entry and phrases files, keyed by path in the folder.

    Contents are truncated to MAX_BYTES + 1 bytes. Skips hidden and temporary files, links to files outside the folder,
    and files that cannot be read. In a name that is not UTF-8, as old versions of Windows write them, invalid bytes are
    replaced by �, since the name could not be shown or stored otherwise.
    """
    root = faq_dir.resolve()
    contents: dict[str, bytes] = {}
    for path in sorted(faq_dir.rglob("*")):
        name = os.fsencode(path.relative_to(faq_dir).as_posix()).decode("utf-8", "replace")
        if (
            not (is_entry(name) or name.endswith(SUFFIX))
            or _is_temporary(name)
            or not path.resolve().is_relative_to(root)
        ):
            continue
        try:
            with path.open("rb") as file:
                contents[name] = file.read(MAX_BYTES + 1)
        except OSError:
            continue
    return contents


def signs_of(faq_dir: Path) -> Signs:
    """Returns (mtime, ctime, size, inode) of each file, keyed by path.

    A difference reveals an edit without reading the files.

    Skips files that cannot be read or that vanish meanwhile, such as an editor's temporary files.
    """
    signs: Signs = {}
    folders = [os.fspath(faq_dir)]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as found:
            for one in found:
                if one.is_dir(follow_symlinks=False):
                    folders.append(one.path)
                    continue
                with suppress(OSError):
                    stat = one.stat()
                    signs[one.path] = stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino
    return signs


def is_entry(name: str) -> bool:
    """Returns whether the file ``name`` is an entry's Markdown file, by its suffix."""
    return name.lower().endswith(ENTRY_SUFFIX)


def files_of(name: str, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Returns the contents of the entry's file ``name`` and of its phrases file, keyed by path; omits missing files."""
    return {one: contents[one] for one in (name, phrases_name(name)) if one in contents}


def _is_temporary(name: str) -> bool:
    return any(part.startswith((".", "~", "#")) or part.endswith(("~", "#")) for part in PurePosixPath(name).parts)


def load_files(
    contents: Mapping[str, bytes],
    teams: Mapping[str, str] | None,
    *,
    today: date | None = None,
    newcomers: Collection[str] = (),
) -> Folder:
    """Reads entries like ``load_folder``, but from the ``contents`` of the files, keyed by path.

    Of two entries with one id, the later path is refused; one of the paths ``newcomers`` counts as later than others.
    """
    known = None if teams is None else tuple(teams.items())
    names = sorted(filter(is_entry, contents), key=lambda name: (name in newcomers, name))
    readings = {name: read(name, contents[name], known, contents.get(phrases_name(name))) for name in names}
    sound = [reading.entry for reading in readings.values() if reading.entry is not None]
    problems = [problem for reading in readings.values() for problem in reading.problems]
    clashes = duplicates.find(sound)
    refused = {clash.file for clash in clashes if clash.severity is Severity.ERROR}
    entries = tuple(sorted((one for one in sound if one.path not in refused), key=lambda one: one.path))
    problems += [*clashes, *_expired(entries, today or date.today()), *_orphans(contents)]
    return Folder(entries, tuple(sorted(problems, key=lambda problem: (problem.file, problem.line))))


def _orphans(contents: Mapping[str, bytes]) -> Iterator[Problem]:
    for name in contents:
        if not is_entry(name) and entry_name(name) not in contents:
            found = Found(name)
            found.add("frases_sin_respuesta", 1, respuesta=entry_name(name))
            yield from found.problems


def _expired(entries: tuple[Entry, ...], today: date) -> Iterator[Problem]:
    for entry in entries:
        if entry.expired(today):
            found = Found(entry.path)
            found.advise("vencida", entry.lines["vence"], "vence", fecha=f"{entry.expires:%d-%m-%Y}")
            yield from found.problems
