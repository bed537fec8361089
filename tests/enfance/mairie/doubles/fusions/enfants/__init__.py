"""Two files that are one child."""
