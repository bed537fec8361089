"""The tables of accounts, step by step. None is edited once it is published."""
