"""The sheet of a créneau: taps replayed, hours, ratios, whom a child is given to."""
