"""The silences of the portal: proposed by itself, declared by the town hall, which sees first what each moves."""
