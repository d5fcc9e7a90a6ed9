"""Freezes the facts of a breach into a folder, and fills the reports that the law asks for."""
