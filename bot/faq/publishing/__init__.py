"""Follows the FAQ on disk: loads, checks, swaps, keeps the last good version."""
