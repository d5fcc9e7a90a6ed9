"""Analyzes the words of texts: spelling, lexicon, keywords, content terms."""
