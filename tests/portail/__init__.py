"""The project's own: settings, checks, guides, registers, French, tables."""
