"""JSON for the desk's page."""
