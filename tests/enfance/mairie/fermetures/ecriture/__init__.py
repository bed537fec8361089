"""Closures: whom they touch, closing, opening again, mails."""
