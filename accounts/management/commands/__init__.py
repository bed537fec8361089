"""Commands: they parse, call the domain, and print one French summary. No rule of their own."""
