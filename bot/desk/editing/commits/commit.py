"""Commits the files of one publication, and nothing else, to the branch that is checked out.

Objects are written first, then the branch is moved unless another process has moved it (compare and swap), then the
index is updated. A commit that a kill interrupts is repeated: files that the branch already contains cause no second
commit, and the index is compared again.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dulwich.ignore import IgnoreFilterManager
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.reflog import format_reflog_line

from bot.core.disk import write_synced
from bot.desk.editing.commits.index import Leaf, WorkingTreeIndex
from bot.desk.editing.commits.locks import alone, held, release_left, release_objects
from bot.desk.editing.commits.repository import FILE, Place, opened
from bot.desk.editing.commits.trouble import CannotCommit, Reason

TRIES = 5
FOLDER = stat.S_IFDIR


@dataclass(frozen=True)
class Change:
    """A commit to make; ``files`` maps each changed file's path in the folder to its contents, None if deleted."""

    files: Mapping[str, bytes | None]
    message: str
    author: str  # Name <address>
    committer: str
    at: datetime  # with the agency's time zone


def commit(faq_dir: Path, change: Change) -> str:
    """Commits the change; returns the commit's id, '' if the branch already contains these files.

    Raises CannotCommit.
    """
    with opened(faq_dir) as place, alone(place.private):
        for file in (place.index, place.tip):
            release_left(file)
        release_objects(place.common)
        with held(place.index):
            return _commit(place, change)


def _commit(place: Place, change: Change) -> str:
    names = {place.name_of(path): path for path in change.files}
    index = WorkingTreeIndex(place, names)
    for _ in range(TRIES):
        parent = place.head()
        before = place.tree_of(parent)
        leaves = {name: _leaf(place, before, name, change.files[path]) for name, path in names.items()}
        tree = before
        for name, leaf in leaves.items():
            tree = _with(place, tree, name.split(b"/"), leaf)
        if tree == before:
            index.put(leaves)
            return ""
        made = place.add(_object(change, tree or place.add(Tree()), parent))
        if _swap(place, parent, made, change):
            index.put(leaves)
            return made.decode()
    raise CannotCommit(Reason.RACED)


def _leaf(place: Place, tree: ObjectID | None, name: bytes, content: bytes | None) -> Leaf | None:
    """Writes the blob of a file; returns the file's mode and the blob's id, None if the file is deleted.

    Raises CannotCommit if the file is new and ignored.
    """
    if content is None:
        return None
    found = _lookup(place, tree, name.split(b"/"))
    if found is None and IgnoreFilterManager.from_repo(place.repo).is_ignored(name.decode()):
        raise CannotCommit(Reason.IGNORED)
    blob = place.normalized(Blob.from_string(content), name)
    return place.mode_of(name, found[0] if found else FILE), place.add(blob)


def _lookup(place: Place, tree: ObjectID | None, parts: list[bytes]) -> Leaf | None:
    """Returns the mode and blob id of the file at a path in a tree; None if there is none.

    Raises CannotCommit if the path leads to anything but a file, or through anything but folders.
    """
    for number, part in enumerate(parts, 1):
        folder = place.tree(tree)
        if part not in folder:
            return None
        mode, tree = folder[part]
        if stat.S_IFMT(mode) != (stat.S_IFREG if number == len(parts) else FOLDER):
            raise CannotCommit(Reason.OTHER, "NotAFile")  # a link or a submodule stands there
    return (mode, tree) if tree else None


def _with(place: Place, tree: ObjectID | None, parts: list[bytes], leaf: Leaf | None) -> ObjectID | None:
    """Writes a copy of ``tree`` in which the file at ``parts`` is ``leaf``; returns its id, None if the copy is empty.

    A ``leaf`` of None removes the file.
    """
    fresh, (name, *rest) = place.tree(tree), parts
    if rest:
        below = _with(place, fresh[name][1] if name in fresh else None, rest, leaf)
        leaf = (FOLDER, below) if below else None
    if leaf:
        fresh[name] = leaf
    elif name in fresh:
        del fresh[name]
    if fresh.id == tree:
        return tree
    return place.add(fresh) if len(fresh) else None


def _object(change: Change, tree: ObjectID, parent: ObjectID | None) -> Commit:
    made, offset = Commit(), change.at.utcoffset()
    made.tree, made.parents = tree, [parent] if parent else []
    made.author, made.committer = change.author.encode(), change.committer.encode()
    made.author_time, made.commit_time = int(change.at.timestamp()), int(time.time())
    made.author_timezone = made.commit_timezone = int(offset.total_seconds()) if offset else 0
    made.encoding, made.message = b"UTF-8", change.message.encode()
    return made


def _swap(place: Place, before: ObjectID | None, after: ObjectID, change: Change) -> bool:
    """Moves the branch from ``before`` to ``after`` and adds a line to the reflogs that exist.

    Returns False, and changes nothing, if somebody else has moved the branch. Raises CannotCommit, OSError.
    """
    place.tip.parent.mkdir(parents=True, exist_ok=True)
    with held(place.tip):
        if place.head() != before:
            return False
        fresh = place.private / "ventanilla.ref"
        write_synced(fresh, after + b"\n")
        place.share(fresh)
        os.replace(fresh, place.tip)
    by, said = change.committer.encode(), change.message.encode()
    line = format_reflog_line(before, after, by, int(time.time()), 0, said)
    for log in (place.private / "logs" / "HEAD", place.common / "logs" / os.fsdecode(place.branch)):
        if log.is_file():
            with log.open("ab") as kept:
                kept.write(line + b"\n")
    return True
