"""What the town hall sees and does of money."""
