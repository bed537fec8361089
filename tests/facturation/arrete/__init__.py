"""A month read, closed once, corrected; races and failures while it is closed."""
