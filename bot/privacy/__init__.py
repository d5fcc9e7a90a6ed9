"""Shows, exports, blocks, corrects and erases the data of one conversation in every store."""
