"""The command line of money."""
