"""The list of meals, who eats, and the mail of the morning."""
