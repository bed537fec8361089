"""The tables of money, step by step. None is edited once it is published."""
