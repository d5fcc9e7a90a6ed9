"""Delivers replies through a provider's API: the interface of a channel, and the sender."""
