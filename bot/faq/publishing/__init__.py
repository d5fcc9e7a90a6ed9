"""Watches the FAQ folder: loads and checks it, replaces the Answerer, and keeps last known good versions."""
