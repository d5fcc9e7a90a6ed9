"""Sends to channels that must be called: the contract of a channel and its sender."""
