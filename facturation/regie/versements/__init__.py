"""What is brought to the treasury: chosen, counted, then written."""
