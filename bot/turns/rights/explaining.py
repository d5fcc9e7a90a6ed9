"""Takes what a citizen writes after making a privacy request as its explanation, and confirms it with the receipt.

The desk shows these words on the request's card (PrivacyRegister.explanation). A person answers them. A question that
an entry surely answers is no explanation; any other question is, since nobody may lose what they wrote about a request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.messages import CitizenMessage, Reply
from bot.core.texts import area, say
from bot.text.questions import begins_asking, has_mark
from bot.turns.buttons import plain, pressed
from bot.turns.outcome import Decision

Answer = Callable[[CitizenMessage, ConversationState], Awaitable[Decision]]


def explained(message: CitizenMessage, state: ConversationState, is_other: Callable[[str], bool]) -> Decision | None:
    """Returns the decision that confirms the explanation of the request, None if the message is none.

    A button, one word alone, and a text for which ``is_other`` is true are no explanation, nor is anything while the
    citizen answers the questions about a call-back. They leave the question open.
    """
    if not state.to_explain or state.form or message.command or pressed(message, state.buttons):
        return None
    if message.button is not None or len(plain(message.text).split()) < 2 or is_other(message.text):
        return None
    key = "derechos.anotado_pregunta" if asks(message.text) else "derechos.anotado"
    return Decision((Reply(say(key, comprobante=state.to_explain)),), Change(buttons=(), explained=True))


async def is_answered(message: CitizenMessage, state: ConversationState, answer: Answer | None) -> bool:
    """Returns whether the message is a question that ``answer`` surely answers."""
    if answer is None or not asks(message.text):
        return False
    found = await answer(message, state)
    return bool(found.replies) or found.change.to_approve is not None


def asks(text: str) -> bool:
    """Returns whether the text is a question by its marks or its first words; «quiero que ...» explains a request."""
    words = [one for one in plain(text).split() if one not in area("derechos")["antes_de_preguntar"]]
    return has_mark(text) or begins_asking(words, tells=True)
