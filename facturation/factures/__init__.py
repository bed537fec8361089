"""What a family and the town hall read of a bill: the list, one invoice down to the tap, its paper."""
