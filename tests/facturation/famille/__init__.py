"""What a family reads of its money."""
