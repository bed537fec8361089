"""What lasts: archives of the data, their check and their return, what time erases, and the list of what was erased.

It reads every table by its keys, and decides nothing of what the other apps hold.
"""
