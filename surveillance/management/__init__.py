"""The command line of watching."""
