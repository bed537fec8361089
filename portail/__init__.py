"""The project: settings, addresses, errors, checks and the demonstration; the tools and registers that all apps share.

It imports no app: each adds its own when it is ready.
"""
