"""A month, a day and a weekly pattern, box by box; what undoing gives back."""
