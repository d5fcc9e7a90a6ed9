"""Watches the FAQ on disk: loads and checks it, replaces the answerer, keeps the last known good versions."""
