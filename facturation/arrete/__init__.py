"""A month: read, checked, closed once for all, then corrected. The only place that issues a bill."""
