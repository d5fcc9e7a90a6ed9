"""Derives readable colors for light and dark mode from the agency's color.

widget/theme.js derives the same colors in the browser.
"""

from __future__ import annotations

from dataclasses import dataclass

READABLE = 4.5  # contrast ratio of WCAG 2.2 AA for text
ACCENT_ON_LIGHT = 5.0  # higher, since the accent is also used on tinted surfaces
ACCENT_ON_DARK = 6.5
STEPS = 20
LIGHT_SURFACE = "#ffffff"
DARK_SURFACE = "#1e2623"
WHITE, BLACK = "#ffffff", "#000000"


@dataclass(frozen=True)
class Palette:
    """The brand color, its accents for light and dark mode, and the text color on each; all ``#rrggbb``."""

    brand: str
    on_brand: str
    accent_light: str
    on_accent_light: str
    accent_dark: str
    on_accent_dark: str

    @classmethod
    def from_color(cls, color: str) -> Palette:
        light = readable(color, LIGHT_SURFACE, towards=BLACK, enough=ACCENT_ON_LIGHT)
        dark = readable(color, DARK_SURFACE, towards=WHITE, enough=ACCENT_ON_DARK)
        return cls(color, text_on(color), light, text_on(light), dark, text_on(dark))


def luminance(color: str) -> float:
    """Returns the relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Returns the contrast ratio of two colors, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(color: str) -> str:
    """Returns white if it is readable on ``color``, otherwise black."""
    return WHITE if contrast(color, WHITE) >= READABLE else BLACK


def readable(color: str, surface: str, *, towards: str, enough: float) -> str:
    """Returns ``color`` mixed with just enough of ``towards`` for a contrast to ``surface`` of at least ``enough``.

    Returns ``towards`` itself if no mixture has this contrast.
    """
    for step in range(STEPS):
        mixed = _mix(color, towards, step / STEPS)
        if contrast(mixed, surface) >= enough:
            return mixed
    return towards


def _mix(one: str, other: str, share: float) -> str:
    parts = [round(int(one[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share) for at in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)
