"""Recognizes the words with which citizens turn unsolicited notices (reminders, templates) off and on.

The turn that confirms the choice stores it, and the choice holds until the citizen changes it. Answers to a citizen's
messages are not notices and are always sent.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core import clock
from bot.core.channels import traits_of
from bot.core.messages import Author, CitizenMessage, Reply, Speaker
from bot.core.payload import not_understood
from bot.text.notice_words import BACK_WORDS, MATTER_WORDS, OUT_WORDS, SURELY_OUT_WORDS
from bot.turns.buttons import plain, pressed
from bot.turns.foreign_language import translated
from bot.turns.outcome import Complaints, Decision

TEST_CODE = re.compile(r" \d{6}$")
SUBSCRIBE_WORDS = frozenset({"avisame", "avisenme", "avisarme", "quiero recibir avisos"})


def wants_notices(message: CitizenMessage) -> bool | None:
    """Returns False for «baja», True for «alta», else None; always None on a channel without addresses."""
    if not traits_of(message.channel).has_address or message.button is not None:
        return None
    words = plain(message.text)
    if words in OUT_WORDS:
        return False
    return True if words in BACK_WORDS else None


def subscribes(message: CitizenMessage) -> bool:
    """Returns whether the citizen subscribes to notices («avísame»); never on a channel without addresses."""
    if not traits_of(message.channel).has_address or message.button is not None:
        return False
    return TEST_CODE.sub("", plain(message.text)) in SUBSCRIBE_WORDS


def _test_code(message: CitizenMessage) -> str:
    """Returns the code with which a member of staff tests a broadcast on their own phone («avísame 482103»), or ''."""
    found = TEST_CODE.search(plain(message.text))
    return found[0].strip() if found else ""


def about_notices(
    message: CitizenMessage, state: ConversationState, agency: Agency, complaints: Complaints | None = None
) -> Decision | None:
    """Returns the decision about «baja», «alta» and «avísame»; None for any other message.

    While the citizen waits for or talks to an agent, «avísame» means something else. So may «baja» and «alta» in a
    message to an agent, or as the title of an open button, and «dar de baja» in answer to a question of the assistant.
    """
    if subscribes(message) and state.speaker is Speaker.ASSISTANT and not state.belongs_to_staff(message):
        code = _test_code(message)
        reply = Reply(agency.say("avisame"), author=Author.SYSTEM, subscription="on", test_code=code)
        return Decision((reply,), Change(notices=True))
    notices = wants_notices(message)
    if notices is None or _may_mean_else(message, state, complaints):
        return None
    confirmation = translated(agency, "alta_avisos" if notices else "baja_avisos")
    return Decision((replace(confirmation, subscription="allowed" if notices else "off"),), Change(notices=notices))


def _was_asked(state: ConversationState) -> bool:
    """Returns whether the assistant has just not understood the citizen, and asked which procedure they mean."""
    last = state.dialogue.current(clock.now_ms()).exchanges[-1:]
    return any(not_understood(one.said) for one in last)


def _may_mean_else(message: CitizenMessage, state: ConversationState, complaints: Complaints | None) -> bool:
    words = plain(message.text)
    if words in SURELY_OUT_WORDS:
        return False
    is_asked = bool(state.form) or (complaints is not None and complaints.is_open(state)) or _was_asked(state)
    if words in MATTER_WORDS and is_asked:
        return True
    return state.belongs_to_staff(message) or pressed(message, state.buttons) is not None
