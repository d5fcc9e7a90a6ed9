"""Assembles the bot process: its services, the configured channels, the background tasks and the web server."""
