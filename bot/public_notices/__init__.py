"""Public notices: what the agency tells everybody who writes or visits, in every process and on every channel."""
