"""Prices and lines, as tables of cases: values only, to the centime."""
