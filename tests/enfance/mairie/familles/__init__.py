"""Families at the counter and on the telephone."""
