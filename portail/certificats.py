"""Why the certificate of a server is not accepted, from the code that OpenSSL gives."""

from __future__ import annotations

import ssl
from enum import Enum, auto


class CertificateFault(Enum):
    NOT_YET = auto()
    EXPIRED = auto()
    OTHER_NAME = auto()
    UNKNOWN_ISSUER = auto()
    OTHER = auto()


FAULTS = {  # X509_V_ERR_…
    9: CertificateFault.NOT_YET,
    10: CertificateFault.EXPIRED,
    62: CertificateFault.OTHER_NAME,
    64: CertificateFault.OTHER_NAME,
    **dict.fromkeys((2, 18, 19, 20, 21), CertificateFault.UNKNOWN_ISSUER),
}


def fault_of(error: ssl.SSLCertVerificationError) -> CertificateFault:
    """What is wrong with the certificate that this error refuses; `OTHER` for a reason that has no name here."""
    return FAULTS.get(getattr(error, "verify_code", 0), CertificateFault.OTHER)
