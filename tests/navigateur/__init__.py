"""What only a real browser shows: scripts, offline, accessibility, the pages as they are drawn and heard."""
