"""What Twilio's error numbers mean for us: try again later, or never; and which wording the desk finds.

Called by whatsapp_api.py (answers of the API) and whatsapp_webhook.py (status callbacks). The keys are those of
``canales.fallos`` (what the desk reads) and ``canales.pasos_persona`` (what to tell the citizen) in
bot/core/texts/canales.yml. Numbers: twilio.com/docs/api/errors/<number>.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.errors import SendLater, SendRefused

BUSY_S = 5.0
LOOP_GUARD_S = 30.0
MISCONFIGURED_S = 300.0
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500


@dataclass(frozen=True)
class Failure:
    """``reason`` is the wording's key. ``again_after_s``: the same may work then; None: it never will.

    ``everyone``: it is not about this citizen, so nothing else is sent meanwhile either.
    """

    reason: str
    again_after_s: float | None = None
    everyone: bool = False

    def error(self, code: int, retry_after_s: float = 0.0) -> SendLater | SendRefused:
        """The error to raise; ``retry_after_s`` is what the provider asked for."""
        if self.again_after_s is None:
            return SendRefused(self.reason, code=code)
        seconds = retry_after_s or self.again_after_s
        return SendLater(self.reason, retry_after_s=seconds, everyone=self.everyone, code=code)


BUSY = Failure("busy", BUSY_S, everyone=True)
PROVIDER_DOWN = Failure("busy", 0.0)
LOOP = Failure("busy", LOOP_GUARD_S)
MISCONFIGURED = Failure("not_configured", MISCONFIGURED_S, everyone=True)
REFUSED = Failure("refused")
WINDOW = Failure("window_closed")
NUMBER = Failure("not_on_whatsapp")
BLOCKED = Failure("blocked")
CONTENT = Failure("unreadable")
TEMPLATE = Failure("template")
MEDIA = Failure("media")

FAILURES: dict[int, Failure] = {
    # The same may work later.
    14107: LOOP,  # more than 30 messages between two numbers in 30 s
    20429: BUSY,  # too many requests
    20500: PROVIDER_DOWN,
    20503: PROVIDER_DOWN,
    30001: BUSY,  # queue overflow
    63012: PROVIDER_DOWN,  # WhatsApp's own error
    63017: PROVIDER_DOWN,
    63018: BUSY,  # rate limit of the sender
    63038: Failure("limit", MISCONFIGURED_S, everyone=True),  # messages of this day are used up
    # Somebody has to mend the account; messages wait for that.
    20003: MISCONFIGURED,  # wrong credentials
    20005: MISCONFIGURED,  # account not active
    21212: MISCONFIGURED,  # wrong From
    21606: MISCONFIGURED,
    21701: MISCONFIGURED,  # no such Messaging Service
    21703: MISCONFIGURED,  # Messaging Service without a sender
    30002: MISCONFIGURED,  # account suspended
    63001: MISCONFIGURED,  # WhatsApp does not accept the sender's credentials
    63007: MISCONFIGURED,  # no WhatsApp sender with this number
    63020: MISCONFIGURED,  # the business has not accepted Meta's invitation
    63051: MISCONFIGURED,  # WhatsApp Business account locked
    # Never, for this citizen or message.
    21211: NUMBER,  # no valid number
    21604: NUMBER,
    21614: NUMBER,
    21610: Failure("opted_out"),
    21617: Failure("too_long"),
    21619: CONTENT,  # nothing in the message
    21620: MEDIA,
    21655: TEMPLATE,  # unknown ContentSid
    21656: TEMPLATE,  # ContentVariables do not fit
    30003: NUMBER,
    30005: NUMBER,
    63003: NUMBER,
    63005: CONTENT,
    63008: CONTENT,
    63013: Failure("policy"),
    63014: BLOCKED,
    63015: NUMBER,  # has not joined the sandbox
    63016: WINDOW,
    63019: MEDIA,
    63021: TEMPLATE,
    63024: NUMBER,
    63027: TEMPLATE,
    63028: TEMPLATE,
    63033: BLOCKED,
    63041: TEMPLATE,  # paused
    63042: TEMPLATE,  # disabled
    63049: Failure("policy"),  # Meta chose not to deliver
}


def failure(code: int, status: int = 400) -> Failure:
    """What an error number means; an unknown one is judged by the HTTP status. 0: Twilio gave none."""
    if code in FAILURES:
        return FAILURES[code]
    if status == TOO_MANY_REQUESTS:
        return BUSY
    if status >= SERVER_ERROR:
        return PROVIDER_DOWN
    return MISCONFIGURED if status in {401, 403} else REFUSED
