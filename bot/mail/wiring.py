"""Builds the sender of e-mails, and a sender for each alarm recipient of agency.yml, from the settings."""

from __future__ import annotations

from bot.agency.alarm_settings import AlarmSettings
from bot.core.logs import log
from bot.core.settings import Settings
from bot.mail.senders import MailSender, Sender, SmsAccount, SmsSender


def mail_of(settings: Settings) -> MailSender | None:
    """Returns the sender of e-mails; None unless both SMTP_URL and SMTP_FROM are set."""
    if not settings.smtp_url.get_secret_value() or not settings.smtp_from:
        return None
    return MailSender(settings.smtp_url, settings.smtp_from)


def senders_of(alarm: AlarmSettings, settings: Settings) -> dict[str, Sender]:
    """Returns the sender for each recipient.

    Omits, with a warning, recipients whose e-mail or SMS is not configured.
    """
    senders: dict[str, Sender] = {}
    if alarm.mails and settings.smtp_url.get_secret_value():
        senders |= dict.fromkeys(alarm.mails, MailSender(settings.smtp_url, settings.smtp_from or alarm.mails[0]))
    if alarm.phones and settings.twilio_sms_from:
        account = SmsAccount(
            settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_sms_from, settings.twilio_api_url
        )
        senders |= dict.fromkeys(alarm.phones, SmsSender(account))
    if missing := len(alarm.mails) + len(alarm.phones) - len(senders):
        log.warning("alarms: recipients without SMTP_URL or TWILIO_SMS_FROM", count=missing)
    return senders
