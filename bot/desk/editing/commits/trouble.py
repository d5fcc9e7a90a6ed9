"""Defines the reasons why a publication cannot be committed; their Spanish texts are in ``repositorio.motivos``."""

from __future__ import annotations

from enum import StrEnum

from bot.core.errors.base import VentanillaError


class Reason(StrEnum):
    """The reason why a commit failed.

    The commit is retried in any case, since most reasons are temporary or can be removed.
    """

    MISSING = "missing"  # no repository holds the folder
    BARE = "bare"  # the repository has no working tree
    OWNER = "owner"  # it belongs to another user, who could not write in it after us
    FORMAT = "format"  # SHA-256, reftable, or an index that is split or sparse
    DETACHED = "detached"  # no branch is checked out
    BUSY = "busy"  # somebody merges, rebases, or has conflicts in the index
    LOCKED = "locked"  # another Git command runs, or left its lock
    RACED = "raced"  # the branch moved at every try
    SPACE = "space"  # the disk is full
    IGNORED = "ignored"  # .gitignore excludes the file
    OTHER = "other"  # anything else; the log has the error's class


class CannotCommit(VentanillaError):
    """The publication is live, but not in the repository.

    ``error`` is a detail for the log, such as the class of the underlying error, or ''.
    """

    def __init__(self, reason: Reason, error: str = "") -> None:
        super().__init__()
        self.reason, self.error = reason, error
