"""Family quotients: what a family says, what the town hall has seen, from which month each counts."""
