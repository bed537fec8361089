"""Money received, handed over, reminded, left to the treasury."""
