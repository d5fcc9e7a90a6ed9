"""Shows, exports, blocks, corrects and erases the data of conversations, and removes single messages.

Also keeps legal holds and the inventory of personal data, renews encryption after a rotation of the secret, mails the
audit's seal, and anonymizes old staff accounts.
"""
