"""The planning as a family sees it: months, days and weekly patterns, cell by cell. Reads, never writes."""
