"""Defines what every package may use: data classes, errors, settings, texts, encryption, logs; imports no other one."""
