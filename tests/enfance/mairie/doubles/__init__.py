"""Doubles made one: the pages, the writing."""
