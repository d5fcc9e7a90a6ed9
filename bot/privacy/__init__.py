"""Shows, exports, blocks, corrects and erases the data of one conversation, and removes single messages."""
