"""Analyzes the words of texts (spelling, lexicon, keywords, content terms), and reads CSV files of such words."""
