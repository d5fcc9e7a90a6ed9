"""Watches the FAQ on disk: loads and checks it, replaces the answerer, and keeps the last known good versions."""
