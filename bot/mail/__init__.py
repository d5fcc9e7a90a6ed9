"""Sends e-mail and SMS to staff: alarms, reports and reminders."""
