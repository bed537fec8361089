"""The schools of fiction: that they load, and hold nothing of anybody."""
