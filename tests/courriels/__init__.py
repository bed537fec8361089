"""Mails, whole, as they are read; `temoins/` keeps each."""
