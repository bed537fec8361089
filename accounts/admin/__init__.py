"""The pages of accounts, by who uses them: the secretary's families, the agents, what the software writes."""

from accounts.admin import families, held_mails, mailings, staff, traces
from accounts.admin.families import EVERYWHERE, send_temporary_passwords

__all__ = ["EVERYWHERE", "families", "held_mails", "mailings", "send_temporary_passwords", "staff", "traces"]
