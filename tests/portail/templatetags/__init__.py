"""What templates are given to write French with."""
