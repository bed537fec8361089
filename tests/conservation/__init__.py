"""Archives made, verified, brought back; what time erases."""
