"""The canteen: the association’s list of meals, who eats and is registered, and its mail of the morning."""
