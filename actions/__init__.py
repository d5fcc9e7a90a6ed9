"""The action server: what Rasa asks of us for each message, the answer of the FAQ above all."""
