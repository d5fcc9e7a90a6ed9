"""Assigns ids to buttons, and finds the button that a citizen chose by click, number, place or typed title."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from dataclasses import replace

from bot.conversation.dialogue import Dialogue
from bot.core.clock import now_ms
from bot.core.messages import CHOOSE_ENTRY, Button, CitizenMessage, Reply
from bot.crisis.emergency import confirmed
from bot.text.decomposition import decomposed
from bot.text.notice_words import NOTIFY_NEAR_ID, NOTIFY_NEAR_WORDS
from bot.text.ordinals import place_named

ID_BYTES = 6
DANGER = "danger-"
ASK_HUMAN = "/ask_human"
RATING = "useful-"  # prefix of the id of a button that says whether an answer helped
RATING_MARK = "useful:"  # prefix of the payload of such a button
NOTIFY_NEAR = "/notify_near"  # payload of the button that asks for a notice when the citizen's turn is near
OLDER_NOTIFY_NEAR = "/tell_near"  # the same in buttons that an older release offered
NO_EMERGENCY = "/no_emergency"  # payload of the button that says that there is no emergency
NO_EMERGENCY_ID = "sin-emergencia"
LOCATE = "complaint:locate"  # payload of the button with which a page asks the browser for the position
LOCATE_ID = "ubicacion"  # the page sends the position with the press of the button with this id
FIXED_IDS = {NOTIFY_NEAR: NOTIFY_NEAR_ID, NO_EMERGENCY: NO_EMERGENCY_ID, LOCATE: LOCATE_ID}  # by payload
_ACCENTS = re.compile(r"[\u0300-\u034e\u0350-\u036f]+")  # of Latin letters; U+034F is no accent
_BEYOND_LATIN = re.compile(r"[\u0300-\U0010ffff]")
_MARKS = re.compile(r"[^\w\s]")
_NUMBER = re.compile(r"^\W*(\d{1,2})\W*$")


def with_ids(replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Returns the replies with an id on every button; payloads never leave the server.

    Ids are random, except those of buttons that confirm or deny a danger, rate an answer, ask to be notified when the
    citizen's turn is near, or share the citizen's position. These ids never change, so that the buttons still work
    after others have been offered.
    """
    return tuple(
        replace(reply, buttons=tuple(replace(one, id=_id_of(one)) for one in reply.buttons)) for reply in replies
    )


def _id_of(button: Button) -> str:
    if button.payload.startswith(RATING_MARK):
        return RATING + button.payload.removeprefix(RATING_MARK).replace(":", "-", 1)
    if fixed := FIXED_IDS.get(button.payload):
        return fixed
    kind = confirmed(button.payload)
    return DANGER + kind if kind else secrets.token_urlsafe(ID_BYTES)


def is_line_below(reply: Reply) -> bool:
    """Returns whether the reply only says what became of another part of an answered message (``with_rest``).

    Its buttons are for one other entry or for a person. A question with choices or about the audience says more.
    """
    says_more = reply.provenance or reply.offered or reply.referral or reply.danger or reply.missed
    leads = all(one.payload == ASK_HUMAN or one.payload.startswith(CHOOSE_ENTRY) for one in reply.buttons)
    return bool(reply.buttons) and leads and not says_more


def danger_confirmed(message: CitizenMessage, buttons: tuple[Button, ...]) -> str | None:
    """Returns the kind of danger that the message confirms with a button; None if it confirms none.

    The button may have been offered long ago.
    """
    if message.button and message.button.startswith(DANGER):
        return message.button.removeprefix(DANGER)
    button = pressed(message, buttons)
    return confirmed(button.payload) if button else None


def asks_for_notice(message: CitizenMessage, buttons: tuple[Button, ...] = ()) -> bool:
    """Returns whether the message asks, by button or by text, to be notified once the citizen's turn is near.

    ``buttons`` are those offered last: in another language, the button has another title.
    """
    if message.button is not None:
        return message.button == NOTIFY_NEAR_ID
    button = pressed(message, buttons)
    asks = button is not None and button.payload in {NOTIFY_NEAR, OLDER_NOTIFY_NEAR}
    return asks or plain(message.text) in NOTIFY_NEAR_WORDS


def offered(replies: tuple[Reply, ...]) -> tuple[Button, ...]:
    """Returns all buttons of a turn, from which ``pressed`` finds the citizen's choice.

    Those of the last reply that has buttons come first, since WhatsApp numbers each reply's buttons from 1, and a
    number means the newest. The line about a possible danger precedes the reply to the citizen's own question.
    """
    by_reply = [reply.buttons for reply in replies if reply.buttons]
    return tuple(button for buttons in (*by_reply[-1:], *by_reply[:-1]) for button in buttons)


def pressed(message: CitizenMessage, buttons: tuple[Button, ...]) -> Button | None:
    """Returns the button in ``buttons`` that the message chooses by id, place (from 1) or title, else None.

    The place is a number or words, such as «la segunda». It never chooses a button that says whether an answer helped,
    since it may refer to a list in the answer. It confirms or denies a danger only if that button is the newest, since
    a channel that shows numbers begins each reply with 1: «3» after two options must not open or undo an emergency.
    """
    if message.button is not None:
        return next((one for one in buttons if one.id == message.button), None)
    numbered = [one for one in buttons if not says_if_useful(one.id)]
    words = plain(message.text)
    if titled := next((one for one in buttons if words and plain(one.title) == words), None):
        return titled
    place = place_in(message.text)
    chosen = numbered[place - 1] if place and place <= len(numbered) else None
    about_danger = chosen and (confirmed(chosen.payload) or chosen.payload == NO_EMERGENCY)
    return None if about_danger and place != 1 else chosen


def is_press(message: CitizenMessage, buttons: tuple[Button, ...]) -> bool:
    """Returns whether the message chooses a button, even one that is not offered any more; its text is a title then."""
    return message.button is not None or pressed(message, buttons) is not None


def chosen_earlier(message: CitizenMessage, dialogue: Dialogue) -> Button | None:
    """Returns the button of the entry that the text chooses by its place in an earlier offer; else None.

    After a choice people go back: «no, la primera». A digit may refer to a list in the answer, and chooses nothing.
    """
    if message.button is not None or any(char.isdigit() for char in message.text):
        return None
    place, exchanges = place_named(message.text), dialogue.current(now_ms()).exchanges
    offers = (said.candidates for one in reversed(exchanges) for said in one.said if said.candidates)
    candidates = next(offers, ()) if place else ()
    if not place or place > len(candidates):
        return None
    chosen = candidates[place - 1]
    return Button(chosen.question, f"{CHOOSE_ENTRY}{json.dumps({'entry': chosen.entry})}")


def place_in(text: str) -> int | None:
    """Returns the place among the options that the text names, as a number or in words; None if it says more."""
    number = _NUMBER.match(text)
    return int(number[1]) if number else place_named(text)


def says_if_useful(button: str) -> bool:
    """Returns whether the id is that of a button of «¿Te sirvió?» that says yes or no, without a reason."""
    return button.startswith((f"{RATING}yes-", f"{RATING}no-"))


def plain(text: str) -> str:
    """Returns the text in lower case without accents, punctuation or repeated blanks, for comparison with titles."""
    letters = _ACCENTS.sub("", decomposed(text.casefold()))
    if _BEYOND_LATIN.search(letters):  # seldom, and slow: a message is compared with titles several times
        letters = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(_MARKS.sub(" ", letters).split())
