"""Finds and masks personal data in texts: RUT, phones, e-mail addresses, cards, plates, home addresses, names."""
