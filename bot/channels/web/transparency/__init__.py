"""Serves the page /transparencia and its open data: what the assistant is, how it works, what data it keeps."""
