"""The web chat: API, socket, pages, widget."""
