"""Assigns ids to buttons, and finds the button that a citizen chose by click, number or typed title."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import replace

from bot.core.messages import Button, CitizenMessage, Reply
from bot.crisis.emergency import confirmed
from bot.text.decomposition import decomposed

ID_BYTES = 6
DANGER = "danger-"
RATING = "useful-"  # prefix of the id of a button that says whether an answer helped
RATING_MARK = "useful:"  # prefix of the payload of such a button
TELL_NEAR = "/tell_near"  # payload of the button that asks for a notice when the citizen's turn is near
TELL_NEAR_ID = "avisame"  # when this button is pressed, the page asks to be allowed notifications
LOCATE = "complaint:locate"  # payload of the button with which a page asks the browser for the position
LOCATE_ID = "ubicacion"  # the page sends the position with the press of the button with this id
TELL_NEAR_WORDS = frozenset({"avisame", "avisenme", "me avisan", "avisame cuando me toque"})
_NUMBER = re.compile(r"^\W*(\d{1,2})\W*$")


def with_ids(replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Returns the replies with an id on every button; payloads never leave the server.

    Ids are random, except those of buttons that confirm a danger, rate an answer, subscribe to a notice, or share the
    citizen's position. These ids never change, so that the buttons still work after others have been offered.
    """
    return tuple(
        replace(reply, buttons=tuple(replace(one, id=_id_of(one)) for one in reply.buttons)) for reply in replies
    )


def _id_of(button: Button) -> str:
    if button.payload.startswith(RATING_MARK):
        return RATING + button.payload.removeprefix(RATING_MARK).replace(":", "-", 1)
    if button.payload == TELL_NEAR:
        return TELL_NEAR_ID
    if button.payload == LOCATE:
        return LOCATE_ID
    kind = confirmed(button.payload)
    return DANGER + kind if kind else secrets.token_urlsafe(ID_BYTES)


def danger_confirmed(message: CitizenMessage, buttons: tuple[Button, ...]) -> str | None:
    """Returns the kind of danger that the message confirms with a button; None if it confirms none.

    The button may have been offered long ago.
    """
    if message.button and message.button.startswith(DANGER):
        return message.button.removeprefix(DANGER)
    button = pressed(message, buttons)
    return confirmed(button.payload) if button else None


def asks_to_be_told(message: CitizenMessage, buttons: tuple[Button, ...] = ()) -> bool:
    """Returns whether the message asks for a notice when the citizen's turn is near, by button or by text.

    ``buttons`` are those offered last: in another language, the button has another title.
    """
    if message.button is not None:
        return message.button == TELL_NEAR_ID
    button = pressed(message, buttons)
    return plain(message.text) in TELL_NEAR_WORDS or (button is not None and button.payload == TELL_NEAR)


def offered(replies: tuple[Reply, ...]) -> tuple[Button, ...]:
    """Returns all buttons of a turn in the order shown, from which ``pressed`` finds the one that a citizen chose."""
    return tuple(button for reply in replies for button in reply.buttons)


def pressed(message: CitizenMessage, buttons: tuple[Button, ...]) -> Button | None:
    """Returns the button in ``buttons`` that the message chooses by id, number (from 1) or title, else None.

    A number never chooses a button that says whether an answer helped, since it may refer to a list in the answer.
    """
    if message.button is not None:
        return next((one for one in buttons if one.id == message.button), None)
    numbered = [one for one in buttons if not says_if_useful(one.id)]
    number = _NUMBER.match(message.text)
    if number and 1 <= int(number[1]) <= len(numbered):
        return numbered[int(number[1]) - 1]
    words = plain(message.text)
    return next((one for one in buttons if words and plain(one.title) == words), None)


def says_if_useful(button: str) -> bool:
    """Returns whether the button with this id says that an answer helped or not, without a reason."""
    return button.startswith((f"{RATING}yes-", f"{RATING}no-"))


def plain(text: str) -> str:
    """Returns the text in lower case without accents, punctuation or repeated blanks, for comparison with titles."""
    letters = "".join(char for char in decomposed(text.casefold()) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w\s]", " ", letters).split())
