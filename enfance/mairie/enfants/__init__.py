"""A child’s file: read by subject, changed one subject at a time; who may fetch it; departures, schools, custody."""
