"""Receives and sends WhatsApp messages through Twilio."""
