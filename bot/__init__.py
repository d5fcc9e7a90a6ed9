"""The assistant: channels, answers, desk and what keeps them running."""
