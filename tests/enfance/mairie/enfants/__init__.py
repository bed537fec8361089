"""The child's file at the town hall."""
