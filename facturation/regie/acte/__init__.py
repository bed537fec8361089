"""« La régie »: the act that made it, and who is named to keep it, by date."""
