"""The tables of children, step by step. None is edited once it is published."""
