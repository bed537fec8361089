"""`make bench`: how fast the portal is, served as in production, beside an empty page. It informs and never fails."""
