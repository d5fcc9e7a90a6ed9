"""Stores the files that staff and citizens send, encrypted, and deletes old files.

A file is accepted only if its first bytes match its extension. Pictures are re-encoded without metadata (pictures.py)
and get a thumbnail; the bot never opens or runs a document. Content, thumbnail, name and type are encrypted with a key
of the conversation's folder (file_encryption).
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import secrets
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.conversation.file_encryption import folder_keys
from bot.conversation.file_encryption.encrypted_file import FACTS, SMALL, EncryptedFile, FileUnreadable
from bot.conversation.file_encryption.folder_keys import KEY, FolderKeys, forget_old_key, locked, own_masters
from bot.conversation.file_encryption.stored_files import delete, encrypt_all, erase, write
from bot.conversation.file_quota import FileQuota
from bot.conversation.malware import Scan, scanner_of
from bot.conversation.pictures import Picture, cleaned
from bot.core.errors.files import DiskLow, FileKindRefused, FileTooBig, HeicRefused
from bot.core.events import Event
from bot.core.logs import log
from bot.core.messages import Attachment, MediaKind
from bot.core.secrets.encryption import MasterKeys

MAX_FILE_BYTES = 10 * 1024 * 1024
NAME_CHARACTERS = 80
ID_BYTES = 16
FILE_ID = re.compile(r"[0-9a-f]{32}")
CONVERSATION = re.compile(r"[0-9A-Za-z_-]{1,64}")
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
HEIC_NAMES = frozenset({"heic", "heif"})
QUOTA_BYTES = 2 * 1024**3
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_EMPTY_FOLDER = frozenset({errno.ENOTEMPTY, errno.ENOENT, errno.ENOTDIR})
FILES_FOLDER = "files"  # below home
COMPLAINT_FILES = "complaint_files"  # below home; the photos of complaints, which outlive their conversation
PREFIX = "web:"
NOT_SCANNED = scanner_of("")


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(marks)


def _webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS


@dataclass(frozen=True)
class Kind:
    """An accepted kind of file: its media type, and a check of its first bytes."""

    type: str
    fits: Callable[[bytes], bool]


JPEG = Kind("image/jpeg", _starts(b"\xff\xd8\xff"))
KINDS = {
    "pdf": Kind("application/pdf", _starts(b"%PDF-")),
    "jpg": JPEG,
    "jpeg": JPEG,
    "png": Kind("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "webp": Kind("image/webp", _webp),
}
# The kinds that staff may send: every channel can display them.
SENDABLE = {extension: KINDS[extension] for extension in ("pdf", "jpg", "jpeg", "png")}


@dataclass(frozen=True)
class KeptFile:
    """A stored file: ``id`` is random, ``name`` is sanitized, and ``size`` is in bytes."""

    id: str
    name: str
    type: str
    size: int

    @property
    def is_picture(self) -> bool:
        return self.type.startswith("image/")

    def as_attachment(self) -> Attachment:
        kind = MediaKind.PHOTO if self.is_picture else MediaKind.DOCUMENT
        return Attachment(kind, ref=PREFIX + self.id, name=self.name, type=self.type, size=self.size)


class Files:
    """The files in ``folder``, which is created with the first file and readable only by its owner.

    ``has_room`` returns whether the disk has room for another file. All files together take at most ``quota_bytes``.
    ``scan`` checks documents; pictures need no check, since only their pixels are stored. ``masters`` wrap the folders'
    keys; without them, nobody but this process can read the files that it stores.
    """

    def __init__(
        self,
        folder: Path,
        has_room: Callable[[], bool] = lambda: True,
        *,
        quota_bytes: int = QUOTA_BYTES,
        scan: Scan = NOT_SCANNED,
        masters: MasterKeys | None = None,
    ) -> None:
        self.folder = folder
        self._keys = FolderKeys(masters or own_masters())
        self._has_room, self._scan = has_room, scan
        self._quota = FileQuota(folder, quota_bytes)
        self._one_picture = asyncio.Semaphore(1)  # re-encoding a picture of MAX_PIXELS takes 200 MB

    async def keep(self, conversation: str, name: str, content: bytes) -> KeptFile:
        """Checks and stores a file and returns its description; a picture is stored without metadata.

        Raises FileTooBig, PictureTooLarge, FileKindRefused (HeicRefused for Apple's format, FileInfected), DiskLow, and
        SendLater if the document cannot be checked now.
        """
        if len(content) > MAX_FILE_BYTES:
            raise FileTooBig()
        name = harmless_name(name)
        kind = kind_of(name, content)
        if not self._has_room():
            raise DiskLow()
        stored = await self._cleaned(kind, content)
        kept = KeptFile(secrets.token_hex(ID_BYTES), name, kind.type, len(stored.content))
        try:
            await asyncio.to_thread(self._write, conversation, kept, stored)
        except OSError as error:
            if error.errno not in NO_SPACE:
                raise
            raise DiskLow() from error
        return kept

    async def find(self, conversation: str, file_id: str) -> tuple[KeptFile, EncryptedFile] | None:
        """Returns a stored file's description and content; None if there is none, or the description is unreadable."""
        if not FILE_ID.fullmatch(file_id) or not CONVERSATION.fullmatch(conversation):
            return None
        return await asyncio.to_thread(self._found, self.folder / conversation / file_id)

    async def read(self, conversation: str, file_id: str) -> bytes | None:
        """Returns the content of a stored file; None if there is none, or if it is damaged or its key is gone."""
        found = await self.find(conversation, file_id)
        try:
            return await asyncio.to_thread(found[1].read) if found else None
        except (FileNotFoundError, FileUnreadable):
            return None

    async def drop(self, conversation: str, kept: KeptFile) -> None:
        """Deletes one stored file; does nothing if it no longer exists."""
        await asyncio.to_thread(self._drop, self.folder / conversation, kept.id)

    async def erase(self, conversation: str) -> None:
        """Deletes all files of a conversation, their key first. Raises OSError if anything remains."""
        await asyncio.to_thread(erase, self.folder / conversation)

    async def encrypt_older(self) -> tuple[int, int]:
        """Encrypts older unencrypted files; returns what ``encrypt_all`` does. Raises OSError."""
        return await asyncio.to_thread(encrypt_all, self.folder, self._keys, self._has_room)

    async def count_older(self) -> int:
        """Returns the number of folders' keys that an earlier master key wrapped. Raises OSError."""
        return await asyncio.to_thread(folder_keys.count_older, self.folder, self._keys)

    async def rewrap(self) -> tuple[int, int]:
        """Wraps all keys with the newest master key; returns what ``rewrap_all`` does. Raises OSError."""
        return await asyncio.to_thread(folder_keys.rewrap_all, self.folder, self._keys)

    async def forget_older(self, before: float, kept: Container[str] = ()) -> int:
        """Deletes the files stored before ``before`` (seconds since 1970) and returns their number.

        Leaves the folders named in ``kept`` alone, and deletes empty folders. Raises OSError.
        """
        return await asyncio.to_thread(self._forget_older, before, kept)

    async def _cleaned(self, kind: Kind, content: bytes) -> Picture:
        """Returns the content to store: a cleaned picture with its thumbnail, or an unchanged document.

        A document is checked by ``scan`` and has no thumbnail.
        """
        if not kind.type.startswith("image/"):
            await self._scan(content)
            return Picture(content, b"")
        async with self._one_picture:
            return await asyncio.to_thread(cleaned, content)

    def _write(self, conversation: str, kept: KeptFile, stored: Picture) -> None:
        if not self._quota.takes(len(stored.content) + len(stored.small)):
            raise DiskLow()
        folder = self.folder / conversation
        try:
            self._write_in(folder, kept, stored)
        except FileNotFoundError:  # forget_older or an erasure, perhaps of another process, deleted the folder
            self._write_in(folder, kept, stored)

    def _write_in(self, folder: Path, kept: KeptFile, stored: Picture) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = json.dumps(asdict(kept)).encode()
        with self._keys.writing(folder) as cipher:
            try:
                for end, content in (("", stored.content), (SMALL, stored.small), (FACTS, facts)):
                    if content:
                        write(folder / f"{kept.id}{end}", content, cipher)
            except BaseException:
                delete(folder, kept.id)
                raise

    def _found(self, path: Path) -> tuple[KeptFile, EncryptedFile] | None:
        ciphers = self._keys.ciphers(path.parent)
        try:
            facts = EncryptedFile(path.with_suffix(FACTS), ciphers).read()
        except FileNotFoundError:
            return None
        except FileUnreadable:
            log.error("files: file unreadable", folder=path.parent.name, file=path.name)
            return None
        try:
            return KeptFile(**json.loads(facts)), EncryptedFile(path, ciphers)
        except (ValueError, TypeError):  # empty or damaged
            log.error("files: description unreadable", folder=path.parent.name, file=path.name)
            return None

    def _drop(self, folder: Path, file_id: str) -> None:
        with suppress(FileNotFoundError), locked(folder):  # encrypt_older must not write the file again
            delete(folder, file_id)

    def _forget_older(self, before: float, kept: Container[str] = ()) -> int:
        found = [Path(root, name) for root, _, names in os.walk(self.folder) for name in names]
        files = [path for path in found if path.name != KEY]
        own = [path for path in files if path.parent.parent == self.folder and path.parent.name not in kept]
        old = [path for path in own if _is_older(path, before)]
        for path in old:
            with suppress(FileNotFoundError), locked(path.parent):
                path.unlink(missing_ok=True)
        for folder in self.folder.glob("*"):
            forget_old_key(folder, before)
            try:
                folder.rmdir()
            except OSError as error:
                if error.errno not in NO_EMPTY_FOLDER:
                    raise
        return sum(not path.suffix for path in old)


def _is_older(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:  # deleted meanwhile
        return False


def kind_of(name: str, content: bytes, kinds: dict[str, Kind] = KINDS) -> Kind:
    """Returns the kind that belongs to the name's extension.

    Raises FileKindRefused if ``kinds`` lacks the extension or the content's first bytes do not match the kind;
    HeicRefused for Apple's pictures.
    """
    extension = Path(name).suffix.removeprefix(".").lower()
    if extension in HEIC_NAMES or _heic(content):
        raise HeicRefused()
    kind = kinds.get(extension)
    if kind is None or not kind.fits(content):
        raise FileKindRefused()
    return kind


def kept_of(event: Event) -> tuple[Attachment, ...]:
    """Returns the attachments of an event whose files are stored here, not with a provider."""
    return tuple(one for one in event.message.attachments if one.ref.startswith(PREFIX))


def file_id_of(attachment: Attachment) -> str:
    """Returns the id of the stored file; ``attachment`` must come from ``kept_of``."""
    return attachment.ref.removeprefix(PREFIX)


def harmless_name(name: str) -> str:
    """Sanitizes a file name: drops folders and unsafe characters, and shortens the name and the extension."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(char for char in last if char.isalnum() or char in " ._-()").strip(" .")
    stem, dot, extension = clean.rpartition(".")
    return f"{stem[:NAME_CHARACTERS] or 'archivo'}{dot}{extension[:8]}" if dot else clean[:NAME_CHARACTERS]


def size_in_words(size: int) -> str:
    """Formats a size in bytes as Spanish text: ``120 KB``, ``1,4 MB``."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")
