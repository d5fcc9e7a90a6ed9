"""Tests that any colour an agency picks stays readable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.palette import DARK_SURFACE, LIGHT_SURFACE, READABLE, Palette, contrast

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_follows_the_standard() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@given(COLORS)
def test_every_pair_of_colours_is_readable(color: str) -> None:
    palette = Palette.from_color(color)
    pairs = [
        (palette.brand, palette.on_brand),
        (palette.accent_light, palette.on_accent_light),
        (palette.accent_dark, palette.on_accent_dark),
        (palette.accent_light, LIGHT_SURFACE),
        (palette.accent_dark, DARK_SURFACE),
    ]
    assert [pair for pair in pairs if contrast(*pair) < READABLE] == []


def test_good_colour_is_kept_unchanged() -> None:
    assert Palette.from_color("#1f5f4f").accent_light == "#1f5f4f"
