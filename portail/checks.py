"""System checks of our own: what production must not start with."""
