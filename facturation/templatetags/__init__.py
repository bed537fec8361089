"""Sums of money in templates. Formats; computes nothing."""
