"""Reads, checks, encodes and answers the FAQ."""
