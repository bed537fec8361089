"""The tables of accounts, by what they are about."""

from accounts.models.access import EmailChange, RecoveryCode, RememberedDevice, TemporaryPassword
from accounts.models.mails import Mailing, MailingLine, UndeliveredMail
from accounts.models.users import FormerIdentifiant, StaffUser, User
from accounts.models.work import Counter, FailedTask, HeldMail, Passage

__all__ = [
    "Counter",
    "EmailChange",
    "FailedTask",
    "FormerIdentifiant",
    "HeldMail",
    "Mailing",
    "MailingLine",
    "Passage",
    "RecoveryCode",
    "RememberedDevice",
    "StaffUser",
    "TemporaryPassword",
    "UndeliveredMail",
    "User",
]
