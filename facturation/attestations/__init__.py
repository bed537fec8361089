"""The tax certificates: what a payer paid in a year, issued once and replaced, never changed."""
