"""Takes complaints in a dialogue, tells citizens the state of each, and sends complaints to the agency's register."""
