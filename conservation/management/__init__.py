"""The command line of archives and of erasing."""
