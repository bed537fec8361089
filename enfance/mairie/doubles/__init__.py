"""Doubles made one: two adults, two homes, two children that may be one."""
