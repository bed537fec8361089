"""The price of a thing, then the lines of a month. Pure: no database, no clock, integer centimes."""
