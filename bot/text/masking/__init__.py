"""Finds and masks what tells who a person is in a text: RUT, phone, e-mail, card, plate, address, name."""
