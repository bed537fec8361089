"""What a family says and reads of itself, and what an erasure leaves."""
