"""The parents' pages: fetch, form, one call, message, redirect. No rule, and no write but by the subjects."""
