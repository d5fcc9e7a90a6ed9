"""Takes complaints and reports in a dialogue, tells citizens their state, and sends them to the agency's register."""
