"""Tests that re-encoded pictures keep their pixels and lose everything else."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from bot.conversation.pictures import MAX_PIXELS, MAX_SIDE, SMALL_SIDE, cleaned
from bot.core.errors.files import FileKindRefused, PictureTooLarge
from tests.pictures import SECRET_MAKE, bomb, photo, picture


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_position_device_and_comment_are_gone() -> None:
    before = photo()
    assert SECRET_MAKE.encode() in before and b"Calle Secreta" in before
    after = cleaned(before)
    for content in (after.content, after.small):
        assert dict(opened(content).getexif()) == {}
        assert SECRET_MAKE.encode() not in content
        assert b"Calle Secreta" not in content


def test_data_appended_to_the_picture_is_removed() -> None:
    assert b"<script>" not in cleaned(photo() + b"<script>alert(1)</script>").content


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_format_and_colors_stay(form: str) -> None:
    after = opened(cleaned(picture(form, color="#c04020")).content)
    assert after.format == form
    red, green, blue = after.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert (abs(red - 0xC0) < 12, abs(green - 0x40) < 12, abs(blue - 0x20) < 12) == (True, True, True)


def test_metadata_of_png_is_gone() -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Location", "Calle Secreta 123")
    made = BytesIO()
    Image.new("RGBA", (8, 8), (1, 2, 3, 4)).save(made, "PNG", pnginfo=words, icc_profile=b"Calle Secreta 456")
    after = cleaned(made.getvalue()).content
    assert b"Secreta" not in after
    assert opened(after).getpixel((0, 0)) == (1, 2, 3, 4)


def test_photo_that_lies_on_its_side_is_turned() -> None:
    assert opened(cleaned(photo((64, 48), turned=True)).content).size == (48, 64)


def test_large_photo_is_reduced_and_has_a_thumbnail() -> None:
    after = cleaned(picture("JPEG", (4000, 3000)))
    assert opened(after.content).size == (MAX_SIDE, MAX_SIDE * 3 // 4)
    assert max(opened(after.small).size) == SMALL_SIDE


@pytest.mark.parametrize("side", [30_000, 12_000, int(MAX_PIXELS**0.5) + 1])
def test_bomb_is_refused_without_reading_its_pixels(side: int) -> None:
    with pytest.raises(PictureTooLarge):
        cleaned(bomb(side))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0 no", photo()[:200], picture("GIF"), picture("BMP"), b"<svg/>"],
)
def test_damaged_and_other_pictures_are_refused(content: bytes) -> None:
    with pytest.raises(FileKindRefused):
        cleaned(content)


def test_truncations_and_flips_never_end_in_another_error() -> None:
    whole = photo()
    for at in range(0, len(whole), max(1, len(whole) // 150)):
        for broken in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            try:
                cleaned(broken)
            except FileKindRefused:
                continue
