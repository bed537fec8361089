"""The price of one thing, from a voted grid. Pure: integer centimes in and out, no database, no float."""
