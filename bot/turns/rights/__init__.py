"""Handles citizens' requests about their own data in the chat: to read it, to have it erased, or to ask a person."""
