"""Paying on line: what PayFiP is asked and what it answered. Only our own question brings money in."""
