"""Reminders, and the lists for the treasury."""
