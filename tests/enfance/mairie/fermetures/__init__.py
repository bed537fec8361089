"""Closures: the pages, the commands, the writing."""
