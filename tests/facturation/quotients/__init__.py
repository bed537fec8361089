"""Quotients said, seen, imported, and from which month they count."""
