"""Waiting lists: the pages, a place given, the order changed."""
