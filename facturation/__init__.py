"""Money: the price of what was booked, the bills, what is received and handed over.

It stands above `enfance`, which does not know it.
"""
