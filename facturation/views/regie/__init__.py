"""The pages where the régie takes money, hands it over and reminds."""
