"""Children, the garderie and the lunch break.

The rules and the one writer lie flat here; a subject is a folder. It knows the accounts, never the bills.
"""
