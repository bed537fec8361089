"""Closing days, and opening them again."""
