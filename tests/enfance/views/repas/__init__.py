"""Meals on a parent's pages."""
