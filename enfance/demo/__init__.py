"""The demonstrations: a school of fiction, a town of three, their families and their agents."""
