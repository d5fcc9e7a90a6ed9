"""Serves Rasa's custom actions, chiefly the answers from the FAQ."""
