"""Files that citizens send to the staff from the web chat: checked, kept below home under a random name, forgotten.

Called by the web chat (keep), the desk (find) and, once an hour, by itself (forget). What a file claims to be is
believed only when its first bytes say the same; nothing is ever opened, converted or run here.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.errors import FileKindRefused, FileTooBig
from bot.logs import log
from bot.messages import Attachment, MediaKind

MAX_FILE_BYTES = 10 * 1024 * 1024
NAME_CHARACTERS = 80
ID_BYTES = 16
FILE_ID = re.compile(r"[0-9a-f]{32}")
CONVERSATION = re.compile(r"[0-9A-Za-z_-]{1,64}")
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
FORGET_EVERY_S = 3600
DAY_S = 24 * 3600
FILES_FOLDER = "files"  # below home
PREFIX = "web:"


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(marks)


def _webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken: its media type and what its first bytes must be."""

    type: str
    fits: Callable[[bytes], bool]


JPEG = Kind("image/jpeg", _starts(b"\xff\xd8\xff"))
KINDS = {
    "pdf": Kind("application/pdf", _starts(b"%PDF-")),
    "jpg": JPEG,
    "jpeg": JPEG,
    "png": Kind("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "webp": Kind("image/webp", _webp),
    "heic": Kind("image/heic", _heic),
}


@dataclass(frozen=True)
class KeptFile:
    """A file as it is kept: ``id`` is random, ``name`` the citizen's made harmless, ``size`` in bytes."""

    id: str
    name: str
    type: str
    size: int

    def as_attachment(self) -> Attachment:
        kind = MediaKind.DOCUMENT if self.type == "application/pdf" else MediaKind.PHOTO
        return Attachment(kind, ref=PREFIX + self.id, name=self.name, type=self.type, size=self.size)


class Files:
    """``folder`` is made at the first file, readable by this user only. Disk work goes to a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, conversation: str, name: str, content: bytes) -> KeptFile:
        """Checks and keeps a file. Raises FileTooBig, FileKindRefused, OSError."""
        if len(content) > MAX_FILE_BYTES:
            raise FileTooBig()
        name = harmless_name(name)
        kind = KINDS.get(Path(name).suffix.removeprefix(".").lower())
        if kind is None or not kind.fits(content):
            raise FileKindRefused()
        kept = KeptFile(secrets.token_hex(ID_BYTES), name, kind.type, len(content))
        await asyncio.to_thread(self._write, conversation, kept, content)
        return kept

    async def find(self, conversation: str, file_id: str) -> tuple[KeptFile, Path] | None:
        """A kept file and where it lies; None when there is none, or none any more."""
        if not FILE_ID.fullmatch(file_id) or not CONVERSATION.fullmatch(conversation):
            return None
        path = self._folder / conversation / file_id
        try:
            facts = json.loads(await asyncio.to_thread(path.with_suffix(".json").read_text, "utf-8"))
        except FileNotFoundError:
            return None
        return KeptFile(**facts), path

    async def drop(self, conversation: str, kept: KeptFile) -> None:
        """Deletes one file."""
        for path in (self._folder / conversation / kept.id, self._folder / conversation / f"{kept.id}.json"):
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def forget(self, conversation: str) -> None:
        """Deletes all files of a conversation."""
        if CONVERSATION.fullmatch(conversation):
            await asyncio.to_thread(shutil.rmtree, self._folder / conversation, ignore_errors=True)

    async def forget_older(self, before: float) -> int:
        """Deletes files kept before the moment (seconds since 1970); how many."""
        return await asyncio.to_thread(self._forget_older, before)

    async def forget_forever(self, days: int) -> None:
        """Until cancelled: once an hour deletes what is older than the agency's term."""
        while True:
            try:
                if count := await self.forget_older(time.time() - days * DAY_S):
                    log.info("files forgotten", count=count)
            except OSError as error:
                log.warning("forgetting files waits", error=type(error).__name__)
            await asyncio.sleep(FORGET_EVERY_S)

    def _write(self, conversation: str, kept: KeptFile, content: bytes) -> None:
        folder = self._folder / conversation
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / kept.id).write_bytes(content)
        (folder / f"{kept.id}.json").write_text(json.dumps(asdict(kept)), encoding="utf-8")

    def _forget_older(self, before: float) -> int:
        old = [path for path in self._folder.glob("*/*") if path.stat().st_mtime < before]
        for path in old:
            path.unlink(missing_ok=True)
        for folder in self._folder.glob("*"):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        return sum(path.suffix != ".json" for path in old)


def harmless_name(name: str) -> str:
    """The last part of a name without what a header, a path or an eye could trip over; its extension stays."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(mark for mark in last if mark.isalnum() or mark in " ._-()").strip(" .")
    stem, dot, extension = clean.rpartition(".")
    return f"{stem[:NAME_CHARACTERS] or 'archivo'}{dot}{extension[:8]}" if dot else clean[:NAME_CHARACTERS]


def size_in_words(size: int) -> str:
    """``120 KB``, ``1,4 MB``."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")
