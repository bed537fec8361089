"""From what happened in a month to lines: what each payer owes, and why. Pure: the same code estimates and closes."""
