"""Tax certificates, issued once and replaced."""
