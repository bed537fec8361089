"""The act of the régie and who is named."""
