"""What pages of every app share: the methods they answer, what they say of a file that is still to come."""

PAGE = ["GET", "HEAD", "POST"]  # a page that is read, and that its own form is sent to
NOT_YET = "Votre tableau n’est pas encore sorti\u00a0: demandez-le de nouveau."  # a password is asked first
