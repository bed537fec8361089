"""Who may come in: accounts, passwords, attempts, sessions, the second factor, and the mails of all that.

Knows no child, no booking and no bill: it never imports `enfance` nor `facturation`.
"""
