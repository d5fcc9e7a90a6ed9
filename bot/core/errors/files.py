"""Defines the errors of files that citizens and staff send."""

from __future__ import annotations

from bot.core.errors.base import PermanentError


class FileTooBig(PermanentError):
    """A file exceeds the maximum size."""


class DiskLow(PermanentError):
    """There is too little free disk space for this request; see bot/core/disk.py."""


class FileKindRefused(PermanentError):
    """A file's type is not accepted, or its content does not match its extension."""


class PictureTooLarge(FileKindRefused):
    """The picture has more pixels than the limit."""


class HeicRefused(FileKindRefused):
    """The picture is in Apple's HEIC format, which we cannot read."""


class FileInfected(FileKindRefused):
    """The file contains malware."""


class ChannelCarriesNoFile(PermanentError):
    """The channel cannot send a file now; the fact ``hindrance`` is a key of ``desk.sin_archivos``."""
