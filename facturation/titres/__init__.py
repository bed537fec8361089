"""Where the treasury collects everything: who owes each title, on which account, and the list that it is handed."""
