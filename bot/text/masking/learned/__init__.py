"""Finds names and addresses in texts by a sequence model, which benchmarks/fit_masking.py fits."""
