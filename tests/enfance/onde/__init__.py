"""The State's files read, matched and written, from one school or several."""
