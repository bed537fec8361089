"""Absences judged by the town hall: what may be excused, what was answered, what it changes to a bill."""
