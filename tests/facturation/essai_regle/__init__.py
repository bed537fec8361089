"""A rule tried before the vote: what families would have paid, counted by hand beside."""
