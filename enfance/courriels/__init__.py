"""Mails of inscriptions, closures, garde and reminders: what they say, to whom, and their tasks."""
