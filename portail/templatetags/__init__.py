"""French, dates and addresses in templates. Formats; reads no table."""
