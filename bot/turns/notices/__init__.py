"""Tells citizens the public notices: before an answer, when a message is about one, and while they wait."""
