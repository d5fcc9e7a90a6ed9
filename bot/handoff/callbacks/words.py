"""Recognizes answers in the dialogue about a call-back: yes and no, parts of the day, attempts at a contact."""

from __future__ import annotations

from bot.handoff.callbacks.contact import Unreadable
from bot.handoff.callbacks.form import Window
from bot.handoff.matter import states_matter
from bot.text.complaint import says_complaint
from bot.turns.buttons import plain

LEAST_DIGITS = 6  # a number with fewer is no attempt at a telephone number
# Words that introduce a contact and say nothing about the matter, as ``plain`` folds them.
CONTACT_NAMES = frozenset(
    "numero nro num n fono fonos telefono tel cel celu celular movil whatsapp wsp wasap mail email correo "
    "contacto llamar llamarme llamame escribanme escribame casa number phone".split()
)
# Words that name no matter by themselves; a number after one of them is of the matter: «consulta por el 12345678».
MATTER_NAMES = frozenset("consulta consultas consultar pregunta preguntar duda".split())
YES_WORDS = frozenset("si|ok|dale|bueno|acepto|autorizo|de acuerdo|si acepto|si autorizo|yes|sim|wi|oui".split("|"))
# Besides those of a complaint (``gives_up_call``).
NO_WORDS = frozenset({"no", "dejarlo", "nao", "nao obrigado", "non", "cancel", "annuler", "anile"})
REVOKE_WORDS = frozenset(
    {
        "anular solicitud",
        "anular mi solicitud",
        "anular la solicitud",
        "anular llamada",
        "ya no me llamen",
        "no me llamen",
    }
)
WINDOW_WORDS = {
    "manana": Window.MORNING,
    "tarde": Window.AFTERNOON,
    "cualquiera": Window.ANY,
}
# Within a longer answer: «en la tarde porfa».
WINDOW_PHRASES = {
    Window.MORNING: ("en la manana", "por la manana", "de la manana"),
    Window.AFTERNOON: ("en la tarde", "por la tarde", "de la tarde"),
    Window.ANY: ("da lo mismo", "me da igual", "cualquier hora", "cuando puedan", "cuando quieran"),
}
NOT_THEN = frozenset({"no", "menos", "nunca", "salvo"})


def window_named(text: str) -> Window | None:
    """Returns the part of the day that the text names; None if it names none, several, or one that is refused."""
    words = plain(text)
    if window := WINDOW_WORDS.get(words):
        return window
    named = [window for window, phrases in WINDOW_PHRASES.items() if any(phrase in words for phrase in phrases)]
    return named[0] if len(named) == 1 and NOT_THEN.isdisjoint(words.split()) else None


def is_attempt(given: Unreadable, words: list[str]) -> bool:
    """Returns whether a citizen tried to give the unusable contact; ``words`` are what they wrote around its number."""
    if given.problem == "nada" or 0 < given.digits < LEAST_DIGITS:
        return False
    around = plain(" ".join(word for word in words if "@" not in word)).split()
    if says_complaint(" ".join(around)) or not MATTER_NAMES.isdisjoint(around):
        return False
    return not states_matter(" ".join(word for word in around if word not in CONTACT_NAMES))
