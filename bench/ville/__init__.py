"""`make bench-ville`: a town of twenty schools and twenty thousand children, on PostgreSQL, page by page.

The rows are written by COPY, as no door of the portal would write millions of them in minutes.
"""
