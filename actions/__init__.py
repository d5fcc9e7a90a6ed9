"""Serves Rasa's custom actions, above all the answers from the FAQ."""
