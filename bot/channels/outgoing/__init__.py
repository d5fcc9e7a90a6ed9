"""Delivers replies through a provider's API: defines a channel's interface and the sender."""
