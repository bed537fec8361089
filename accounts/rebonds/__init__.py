"""Mail that comes back: read from its mailbox, proved to be ours, counted, told."""
