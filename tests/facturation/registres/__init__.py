"""What money says to the registers: erasures, merges, durations."""
