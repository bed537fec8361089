"""The tables of what is kept, step by step. None is edited once it is published."""
