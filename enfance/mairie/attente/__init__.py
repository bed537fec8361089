"""The waiting lists, day by day: a place given, the order changed."""
