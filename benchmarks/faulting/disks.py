"""Mounts small disks (tmpfs) on the folders that a fault fills; needs root."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

BALLAST = "ballast"
BLOCK = bytes(64 * 1024)
MOUNT, UMOUNT = "/bin/mount", "/bin/umount"


@dataclass(frozen=True)
class Disk:
    """A folder with a disk of ``size_mb`` mounted on it."""

    folder: Path
    size_mb: int

    def mount(self) -> bool:
        """Creates the folder and mounts the disk on it; returns False if mounting fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [MOUNT, "-t", "tmpfs", "-o", f"size={self.size_mb}m,mode=0700", "tmpfs", str(self.folder)]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
        except OSError:
            return False

    def unmount(self) -> None:
        subprocess.run([UMOUNT, "-l", str(self.folder)], capture_output=True, check=False)  # noqa: S603

    def fill(self) -> None:
        """Fills the disk completely."""
        with suppress(OSError), (self.folder / BALLAST).open("ab", buffering=0) as ballast:
            while True:
                ballast.write(BLOCK)
        with suppress(OSError), (self.folder / BALLAST).open("ab", buffering=0) as ballast:
            while True:
                ballast.write(b"x")

    def free(self) -> None:
        (self.folder / BALLAST).unlink(missing_ok=True)


def can_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(Path(folder) / "disk", 1)
        made = disk.mount()
        disk.unmount()
        return made
