"""Creates real pictures for tests, including pictures with a position in their metadata and hostile pictures."""

from __future__ import annotations

import random
import zlib
from io import BytesIO

from PIL import Image

POSITION = {1: "S", 2: (33.0, 26.0, 15.0), 3: "W", 4: (70.0, 39.0, 0.0)}
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112
SECRET_MAKE = "TelefonoDePrueba"


def picture(form: str = "PNG", size: tuple[int, int] = (24, 16), color: str = "teal") -> bytes:
    made = BytesIO()
    Image.new("RGB", size, color).save(made, form)
    return made.getvalue()


def photo(size: tuple[int, int] = (64, 48), *, turned: bool = False) -> bytes:
    """Returns a JPEG as a phone writes it, with position, maker and comment; if ``turned``, stored on its side."""
    exif = Image.Exif()
    exif[MAKE] = SECRET_MAKE
    exif[ORIENTATION] = 6 if turned else 1
    exif.get_ifd(GPS).update(POSITION)
    made = BytesIO()
    pixels = random.Random(1).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, pixels).save(made, "JPEG", exif=exif, comment=b"Calle Secreta 123")
    return made.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """Returns a PNG of several kilobytes that claims ``side`` times ``side`` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000)))
