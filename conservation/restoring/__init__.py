"""Bringing the data of an archive back, whole or not at all."""
