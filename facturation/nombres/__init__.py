"""How many children the home of a payer has, as the town says it: what a rate by number of children asks."""
