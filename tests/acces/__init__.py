"""Who opens what: each address, each account, each missing or hostile field."""
