"""The page that shows citizens what is kept of their own conversation."""
