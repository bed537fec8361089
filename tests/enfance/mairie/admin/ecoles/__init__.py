"""What the town hall's tables become where the town has several schools."""
