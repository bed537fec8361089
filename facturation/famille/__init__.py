"""What a family reads of its money: the month under way, its bills, its quotient. Reads; never writes a bill."""
