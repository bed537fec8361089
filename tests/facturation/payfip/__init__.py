"""Paying on line, against a PayFiP of our own that is late, silent or wrong."""
