"""Django's own commands where the portal needs them otherwise."""
