"""The page that a first agency sees first: what the agency itself still lacks, and ready-made entries to adapt."""
