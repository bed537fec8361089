"""A credit that is given back: by the treasury, on a mandate, or by a régie that may spend."""
