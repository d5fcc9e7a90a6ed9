"""Alerts people outside the desk, by e-mail or SMS, about emergencies that no agent has claimed."""
