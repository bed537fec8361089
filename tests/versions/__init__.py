"""What the version before does with today's tables, and migrations there and back on a database that is full."""
