"""Errors that families report on a bill, and what the town hall answers."""
