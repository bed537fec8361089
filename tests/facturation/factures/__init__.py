"""What a family and the town hall read of a bill."""
