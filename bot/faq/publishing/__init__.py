"""Follows the FAQ on disk: loads and checks it, swaps the answerer, keeps the last known good versions."""
