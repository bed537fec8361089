"""The pages of money, by their addresses."""
