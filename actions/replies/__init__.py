"""Words the replies to a decision about the FAQ, with the buttons below them."""
