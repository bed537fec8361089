"""Mailings: credentials, messages, letters."""
