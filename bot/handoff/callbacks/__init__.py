"""Call-backs: the dialogue that asks for one, the contact, what is told about it."""
