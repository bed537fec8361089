"""The canteen's pages."""
