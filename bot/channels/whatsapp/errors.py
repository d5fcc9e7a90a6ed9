"""Maps Twilio's error numbers to failures: whether and when to retry, and the reason that the desk shows.

A reason is a key of ``canales.fallos`` (shown at the desk) and ``canales.pasos_persona`` (advice for the agent) in
bot/core/texts/canales.yml. Twilio documents each number at twilio.com/docs/api/errors/<number>.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.errors.messages import SendLater, SendRefused

BUSY_S = 5.0
LOOP_GUARD_S = 30.0
MISCONFIGURED_S = 300.0
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500


@dataclass(frozen=True)
class Failure:
    """The meaning of an error: the text key of its ``reason``, and the retry delay in seconds (None for no retry).

    The delay is a minimum: the sender doubles its own delay with each attempt. ``everyone`` is True if the failure
    concerns the whole account, so that all sending pauses for the retry delay.
    """

    reason: str
    again_after_s: float | None = None
    everyone: bool = False

    def error(self, code: int, retry_after_s: float = 0.0) -> SendLater | SendRefused:
        """Returns the error to raise; ``retry_after_s`` is the delay that the provider requires (0 if none)."""
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
    # A retry may work.
    14107: LOOP,  # more than 30 messages between two numbers in 30 s
    20429: BUSY,  # too many requests
    20500: PROVIDER_DOWN,
    20503: PROVIDER_DOWN,
    30001: BUSY,  # queue overflow
    63012: PROVIDER_DOWN,  # WhatsApp's own error
    63017: PROVIDER_DOWN,
    63018: BUSY,  # rate limit of the sender
    63038: Failure("limit", MISCONFIGURED_S, everyone=True),  # the daily message limit is reached
    # The agency must fix the account; messages are retried until then.
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
    # A retry cannot work for this citizen or message.
    21211: NUMBER,  # invalid number
    21604: NUMBER,
    21614: NUMBER,
    21610: Failure("opted_out"),
    21617: Failure("too_long"),
    21619: CONTENT,  # empty message
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
    63015: NUMBER,  # the citizen has not joined the sandbox
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
    """Returns the failure for an error number, or for the HTTP status if the number is unknown or 0."""
    if code in FAILURES:
        return FAILURES[code]
    if status == TOO_MANY_REQUESTS:
        return BUSY
    if status >= SERVER_ERROR:
        return PROVIDER_DOWN
    return MISCONFIGURED if status in {401, 403} else REFUSED
