"""The gate: the sheet of a créneau, the taps made on it, what they amount to, and the sheets on paper."""
