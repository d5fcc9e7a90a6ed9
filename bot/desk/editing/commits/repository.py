"""Opens the Git repository that contains a folder; raises CannotCommit if nothing can be committed to it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dulwich.errors import NotGitRepository
from dulwich.file import adjust_shared_perm
from dulwich.filters import FilterBlobNormalizer
from dulwich.object_store import DiskObjectStore
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.refs import HEADREF, DiskRefsContainer, Ref
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion, parse_shared_repository

from bot.desk.editing.commits.trouble import CannotCommit, Reason

FILE, EXECUTABLE = 0o100644, 0o100755
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
BRANCHES = b"refs/heads/"
IN_PROGRESS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


@dataclass(frozen=True)
class Place:
    """A repository for commits: ``branch`` is checked out, and ``folder`` lies in its working tree.

    ``private`` is the Git directory of this working tree, with HEAD and index; ``common`` is the Git directory
    that all linked working trees share.
    """

    repo: Repo
    folder: Path
    branch: Ref

    @property
    def root(self) -> Path:
        return Path(self.repo.path).resolve()

    @property
    def private(self) -> Path:
        return Path(self.repo.controldir())

    @property
    def common(self) -> Path:
        return Path(self.repo.commondir())

    @property
    def index(self) -> Path:
        return Path(self.repo.index_path())

    @property
    def tip(self) -> Path:
        """Returns the path of the file that contains the id of the branch's newest commit; it need not exist."""
        return self.common / os.fsdecode(self.branch)

    def name_of(self, path: str) -> bytes:
        """Converts a file's path in the folder to its name in the repository, relative to the working tree's root."""
        return (self.folder / path).relative_to(self.root).as_posix().encode()

    def head(self) -> ObjectID | None:
        """Returns the id of the branch's commit, read anew; None if the branch has no commit yet."""
        found = DiskRefsContainer(self.common).read_ref(self.branch)  # a new one, since refs are cached
        return ObjectID(found) if found else None

    def tree_of(self, commit: ObjectID | None) -> ObjectID | None:
        """Returns the id of the tree of a commit; None without a commit."""
        found = self.repo[commit] if commit else None
        return found.tree if isinstance(found, Commit) else None

    def tree(self, id: ObjectID | None) -> Tree:
        """Reads a tree anew, so that it can be changed; without an id, returns an empty tree. Raises CannotCommit."""
        found = self.repo[id] if id else Tree()
        if not isinstance(found, Tree):
            raise CannotCommit(Reason.OTHER, type(found).__name__)
        return found

    def add(self, made: ShaFile) -> ObjectID:
        """Writes an object durably; returns its id. Raises OSError."""
        self.repo.object_store.add_object(made)
        return made.id

    def normalized(self, blob: Blob, name: bytes) -> Blob:
        """Returns the blob that Git would store, with the line endings of ``.gitattributes`` and ``core.autocrlf``."""
        return self._rules.checkin_normalize(blob, name)

    @cached_property
    def _rules(self) -> FilterBlobNormalizer:
        return self.repo.get_blob_normalizer()  # reads every .gitattributes

    def blob_of(self, file: Path) -> ObjectID | None:
        """Returns the blob id that a file of the folder would get now; None if there is no file."""
        if not file.is_file():
            return None
        return self.normalized(Blob.from_string(file.read_bytes()), self.name_of(str(file.relative_to(self.folder)))).id

    def mode_of(self, name: bytes, before: int) -> int:
        """Returns the mode of a file; ``before`` if the file is gone or the repository ignores modes."""
        file = self.root / os.fsdecode(name)
        if not file.is_file() or not self.repo.get_config().get_boolean((b"core",), b"filemode", True):
            return before
        return EXECUTABLE if file.stat().st_mode & stat.S_IXUSR else FILE

    def share(self, path: Path) -> None:
        """Gives a file of the Git directory the permissions of ``core.sharedRepository``, if that is set."""
        try:
            shared = self.repo.get_config().get((b"core",), b"sharedRepository")
        except KeyError:
            return
        adjust_shared_perm(path, parse_shared_repository(shared))


@contextmanager
def opened(faq_dir: Path) -> Iterator[Place]:
    """Opens the repository around ``faq_dir`` until the block ends.

    Raises CannotCommit for any error, including those in the block.
    """
    folder = faq_dir.resolve()
    try:
        with closing(Repo.discover(folder)) as repo:
            yield Place(repo, folder, _branch(repo))
    except CannotCommit:
        raise
    except NotGitRepository:
        raise CannotCommit(Reason.MISSING) from None
    except (UnsupportedExtension, UnsupportedVersion):
        raise CannotCommit(Reason.FORMAT) from None
    except OSError as error:
        raise CannotCommit(Reason.SPACE if error.errno in NO_SPACE else Reason.OTHER, type(error).__name__) from error
    except Exception as error:  # a library that reads somebody's repository must not end the bot
        raise CannotCommit(Reason.OTHER, type(error).__name__) from error


def branch_of(faq_dir: Path) -> str:
    """Returns the branch to which publications would be committed. Raises CannotCommit."""
    with opened(faq_dir) as place:
        return place.branch.removeprefix(BRANCHES).decode(errors="replace")


def _branch(repo: Repo) -> Ref:
    """Returns the branch that is checked out, and makes writes of objects durable.

    Raises CannotCommit if nothing can be committed to the repository.
    """
    if repo.bare:
        raise CannotCommit(Reason.BARE)
    if Path(repo.commondir()).stat().st_uid != os.geteuid():
        raise CannotCommit(Reason.OWNER)
    store, refs = repo.object_store, repo.refs
    if repo.object_format.name != "sha1" or not isinstance(refs, DiskRefsContainer):
        raise CannotCommit(Reason.FORMAT)
    if isinstance(store, DiskObjectStore):
        store.fsync_object_files = True
    if any((Path(repo.controldir()) / name).exists() for name in IN_PROGRESS):
        raise CannotCommit(Reason.BUSY)
    names, _ = refs.follow(HEADREF)
    if len(names) != 2 or not names[1].startswith(BRANCHES):
        raise CannotCommit(Reason.DETACHED)
    return names[1]
