"""Payers, their balances, two homes, merges."""
