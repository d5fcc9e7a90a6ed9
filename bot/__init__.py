"""The citizen-service assistant: channels, answering, the staff's desk and the launcher."""
