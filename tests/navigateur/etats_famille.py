"""The family's pages."""

ETATS = []
