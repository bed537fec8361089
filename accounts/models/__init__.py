"""The tables of accounts, by what they are about."""

from accounts.models.access import EmailChange, RecoveryCode, RememberedDevice, TemporaryPassword
from accounts.models.mails import Mailing, MailingLine, MailSent, UndeliveredMail
from accounts.models.users import FormerIdentifiant, Refusal, StaffUser, User
from accounts.models.work import Counter, FailedTask, HeldMail, Passage, ReadMailbox

__all__ = [
    "Counter",
    "EmailChange",
    "FailedTask",
    "FormerIdentifiant",
    "HeldMail",
    "MailSent",
    "Mailing",
    "MailingLine",
    "Passage",
    "ReadMailbox",
    "RecoveryCode",
    "Refusal",
    "RememberedDevice",
    "StaffUser",
    "TemporaryPassword",
    "UndeliveredMail",
    "User",
]
