"""Learns from what citizens and agents do after the assistant's answers, offers and handoffs."""
