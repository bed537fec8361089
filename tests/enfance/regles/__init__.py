"""The rules, as tables of cases: values only, no database."""
