"""WhatsApp through Twilio: webhook in, messages out."""
