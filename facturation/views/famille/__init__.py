"""The pages where a family reads and pays its bills."""
