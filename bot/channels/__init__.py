"""Web, Telegram and WhatsApp."""
