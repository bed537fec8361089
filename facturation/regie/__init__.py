"""What the régisseur does with money, read for its pages: payers, receipts, journal, versements, reminders."""
