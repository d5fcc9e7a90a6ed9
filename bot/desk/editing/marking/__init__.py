"""Groups the wordings of an entry by kind; marks those that stand twice, belong to another one or describe a danger."""
