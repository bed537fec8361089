"""The command line of children and the garderie."""
