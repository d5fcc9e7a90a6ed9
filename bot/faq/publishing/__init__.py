"""Publishes the FAQ folder: loads, checks and watches it, keeps last known good versions, and tries out changes."""
