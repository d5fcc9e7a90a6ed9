"""The words of the FAQ: spelling, lexicon, keywords, content terms."""
