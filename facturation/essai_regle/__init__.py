"""A rule tried before the vote: what families would have paid with it, over months that happened. Writes nothing."""
