"""Files complaints in a dialogue, reports their state to citizens, and sends them to the agency's register."""
