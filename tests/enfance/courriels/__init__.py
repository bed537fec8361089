"""Mails of bookings and closures: to whom, when, and that none is lost or sent twice."""
