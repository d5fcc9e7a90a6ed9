"""Sends citizens the public notices: before an answer, as an answer, and while they wait for an agent."""
