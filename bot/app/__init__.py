"""Wires the bot's process: ``create_app()``, the web server, the channels that are on."""
