"""Marks the wordings of an entry that stand twice, belong to another entry too, or describe a danger."""
