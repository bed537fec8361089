"""The pages of money: fetch, form, one call, message, redirect. No price is computed here."""
