"""Reads questions from an office's documents: Word, e-mails and plain texts, whose titles may be questions."""
