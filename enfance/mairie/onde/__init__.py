"""The import of ONDE as the town hall makes it: files, questions, then the import."""
