"""Absences judged, and what they change to a bill."""
