"""Receives and delivers messages through the web, Telegram and WhatsApp."""
