"""The absences that were told, as the town hall reads them."""
