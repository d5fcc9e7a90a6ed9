"""Compares the running assistant with a stock Rasa (see ``__main__``)."""
