"""Counts what happened: episodes read from the record, definitions of figures, numbers, small counts hidden."""
