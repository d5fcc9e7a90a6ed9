"""What citizens may do with their own data in the chat: read it, have it erased, or ask a person."""
