"""Serves the page /transparencia and its open data: what the assistant is, how well it works, and what data it keeps.
"""
