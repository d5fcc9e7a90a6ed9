"""Serves the web chat: HTTP API, WebSocket, pages and widget."""
