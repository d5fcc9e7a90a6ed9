"""Re-encodes pictures and makes their thumbnails; no other module uses Pillow.

Re-encoding keeps only the pixels and removes all metadata, such as position and device, and any data appended to the
picture.
"""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from bot.core.errors.files import FileKindRefused, PictureTooLarge

MAX_PIXELS = 50_000_000  # maximum of an uploaded picture; the largest photos of phones have 50 million pixels
MAX_SIDE = 2048  # maximum width and height of the stored picture; larger pictures are scaled down
SMALL_SIDE = 480  # maximum width and height of the thumbnail
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
SMALL_QUALITY = 75
# The exceptions that Pillow raises for damaged files.
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)


@dataclass(frozen=True)
class Picture:
    """A picture without metadata in the uploaded format, and its thumbnail as JPEG, empty if there is none."""

    content: bytes
    small: bytes


def cleaned(content: bytes) -> Picture:
    """Re-encodes a JPEG, PNG or WebP picture with sides of at most MAX_SIDE, and its thumbnail; blocks the thread.

    Raises FileKindRefused if the file is damaged or has another format, PictureTooLarge if it has more than MAX_PIXELS.
    The size is read from the file's header before memory for the pixels is allocated.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # ignores warnings about damaged metadata, which is not kept
            return _decoded(content)
    except Image.DecompressionBombError as error:
        raise PictureTooLarge() from error
    except DAMAGED as error:
        raise FileKindRefused() from error


def _decoded(content: bytes) -> Picture:
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise PictureTooLarge()
        form = image.format or ""
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # lets the JPEG decoder reduce by 2, 4 or 8 while reading
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((MAX_SIDE, MAX_SIDE))
        pixels = _pixels_of(upright)
        return Picture(_encoded(pixels, form), _small(pixels))


def _pixels_of(image: Image.Image) -> Image.Image:
    """Returns the image as RGB, or RGBA if parts are transparent, without metadata."""
    pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
    pixels.info.clear()  # the JPEG and PNG encoders would write comments and color profiles from here
    return pixels


def _encoded(pixels: Image.Image, form: str) -> bytes:
    made = BytesIO()
    if form == "PNG":
        pixels.save(made, "PNG")
    elif form == "WEBP":
        pixels.save(made, "WEBP", quality=QUALITY)
    else:
        pixels.convert("RGB").save(made, "JPEG", quality=QUALITY, progressive=True)
    return made.getvalue()


def _small(pixels: Image.Image) -> bytes:
    small = Image.new("RGB", pixels.size, "white")
    small.paste(pixels, mask=pixels.getchannel("A") if pixels.mode == "RGBA" else None)
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    made = BytesIO()
    small.save(made, "JPEG", quality=SMALL_QUALITY)
    return made.getvalue()
