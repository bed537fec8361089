"""What the council voted: tariffs and the days from which they hold. A vote is added, never rewritten."""
