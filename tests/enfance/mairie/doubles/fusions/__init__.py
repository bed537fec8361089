"""Two files that are one person: what passes to the other, table by table."""
