"""A browser as its owner would name it. Called by the account page, from what the browser says of itself."""

from __future__ import annotations

from bot.core.texts import say

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""Marks in the order in which they decide: each later browser also names the ones it is made like."""


def device_words(user_agent: str) -> str:
    """«Chrome en Windows», or that it is not known."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return say("desk.cuenta.dispositivo", navegador=browser, sistema=system)
    return browser or system or say("desk.cuenta.dispositivo_desconocido")
