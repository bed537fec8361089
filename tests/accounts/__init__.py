"""Who comes in, from what device, with what password, and what is written to them."""
