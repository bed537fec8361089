"""Days on which the garderie is closed: who is touched, closing, opening again."""
