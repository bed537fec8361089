"""Reminders of unpaid invoices, and the lists that the treasury takes over."""
