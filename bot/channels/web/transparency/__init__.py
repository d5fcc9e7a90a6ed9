"""Serves the public page /transparencia and its open data: what the assistant is, how well it works, what it keeps."""
