"""The town hall’s own work: the secretary’s desk, families, the school year, closures, mailings, figures."""
