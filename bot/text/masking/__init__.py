"""Finds and masks personal data in texts: RUT, phones, cards, plates, home addresses, names and other identifiers."""
