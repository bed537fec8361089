"""What a bill, a receipt or one of its lines says, for the screen, the paper and the mail. Issues nothing."""
