"""The one writer: rules asked again, places, ranks, traces, mails, under races and failures."""
