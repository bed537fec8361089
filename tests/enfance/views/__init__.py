"""The parents' pages, by their addresses: what is shown, refused, written."""
