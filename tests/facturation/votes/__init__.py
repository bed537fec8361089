"""Tariffs voted, and the days from which they hold."""
