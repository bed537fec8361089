"""The state of the portal, the figures, and the diagnostic with its remedies."""
