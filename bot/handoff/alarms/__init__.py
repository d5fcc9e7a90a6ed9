"""Alarms a person outside the desk, by e-mail or SMS, about an emergency that nobody has claimed."""
