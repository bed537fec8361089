"""What a family's device keeps of its boxes until the server has answered."""
