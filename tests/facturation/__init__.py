"""Money, by subject; `recompte_a_part.py` counts a town again without a line of the code."""
