"""The state of the portal at one instant, and who is told of it. Reads everything, changes only its own lines."""
