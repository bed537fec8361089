"""What the application writes about itself on stderr."""

import logging
import re

SECRET_ADDRESS = re.compile(r"(/agenda/)[^/\s]+(\.ics)")


class SecretFormatter(logging.Formatter):
    """Django names the address of each request that fails; the one of a calendar feed is a secret."""

    def format(self, record: logging.LogRecord) -> str:
        return SECRET_ADDRESS.sub(r"\1…\2", super().format(record))
