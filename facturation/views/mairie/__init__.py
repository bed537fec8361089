"""The pages where the town hall votes prices, closes a month and answers."""
