"""The demonstration: a school of fiction, its families and its agents."""
