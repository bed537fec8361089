"""Who pays: payers, their accounts and balances, the shares of two homes, what a merge carries over."""
