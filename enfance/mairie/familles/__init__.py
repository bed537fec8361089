"""A family at the counter and on the telephone: found, read, its planning, its history, newcomers, separations."""
