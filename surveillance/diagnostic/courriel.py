"""Would a mail leave, and be believed where it arrives?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from typing import Any

from django.conf import settings

from accounts.rebonds import imap
from accounts.serveur_courriel import MailServerError, check_server
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu
from surveillance.diagnostic.reglages import is_refused

QUOI = "Serveur de mail"
TIMEOUT = 5  # seconds, for each exchange
FILES = "portail.courriels.FileMailBackend"

# By the code of the error: what to do, and what to type.
REMEDIES = {
    "dns": ("Corrigez le nom dans EMAIL_URL, ou le DNS de cette machine.", "getent hosts {host}"),
    "refused": ("Vérifiez le port d’EMAIL_URL (587 ou 465), et que ce serveur tourne.", "nc -vz {host} {port}"),
    "unreachable": (
        "Ouvrez le pare-feu de cette machine vers ce serveur.",
        "ip route get $(getent hosts {host} | cut -d' ' -f1)",
    ),
    "timeout": (
        "Ouvrez ce port dans le pare-feu, ou chez l’hébergeur\u202f; un "
        "smtp+tls:// sur un port 465 attend aussi sans fin.",
        "nc -vz {host} {port}",
    ),
    "closed": (
        "Le serveur ne veut pas de cette machine, ou pas à ce port\u00a0: voyez son administrateur.",
        "nc -v {host} {port}",
    ),
    "greeting": ("Ce que répond ce serveur est à montrer à son administrateur.", "nc -v {host} {port}"),
    "starttls": (
        "Le portail n’envoie rien en clair. Prenez le port 587 avec STARTTLS, ou smtps:// et le port 465.",
        "openssl s_client -starttls smtp -connect {host}:{port} -brief </dev/null",
    ),
    "tls": (
        "Avec smtp+tls:// il faut un port à STARTTLS (587), avec smtps:// un port tout en TLS (465).",
        "openssl s_client -connect {host}:{port} -brief </dev/null",
    ),
    "auth": (
        "Corrigez le compte et le mot de passe dans EMAIL_URL («\u00a0@\u00a0» s’y "
        "écrit %40, «\u00a0/\u00a0» %2F, «\u00a0%\u00a0» %25).",
        "{edit}",
    ),
    "sender": (
        "Donnez dans DEFAULT_FROM_EMAIL (ou RETOURS_COURRIEL, s’il y en a une) une adresse que ce compte peut "
        "employer, ou faites-la permettre par l’administrateur de ce serveur.",
        "{edit}",
    ),
    "folder": ("Rendez ce dossier au compte du portail.", "sudo chown -R {compte}: {folder}"),
    "other": ("Voyez EMAIL_URL, et le réseau de cette machine.", "nc -vz {host} {port}"),
}
SHOWN = "{s_client} </dev/null | openssl x509 -noout"
# By a word of the sentence.
CERTIFICATES = {
    "autorité": (
        "Si c’est l’autorité de votre commune, ajoutez son certificat à "
        "ceux de cette machine, puis redémarrez le portail.",
        "sudo cp AUTORITE.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates\n{reload}",
    ),
    "nom d’un autre": (
        "Écrivez dans EMAIL_URL le nom qui est sur le certificat.",
        f"{SHOWN} -subject -ext subjectAltName",
    ),
    "expiré": ("L’administrateur de ce serveur doit le renouveler.", f"{SHOWN} -dates"),
    "pas encore": ("Mettez cette machine à l’heure, ou voyez l’administrateur de ce serveur.", f"date\n{SHOWN} -dates"),
}
STRICT = (
    "Python est plus strict que d’autres, surtout pour une autorité à vous\u00a0: refaites-la avec les extensions "
    "keyUsage (keyCertSign) et subjectKeyIdentifier.",
    "{s_client} -x509_strict -verify_return_error </dev/null",
)


def check_mail_server(lieu: Lieu) -> Point:
    """The line of the diagnosis on the mail server: it is connected to as for a mail (TLS, certificate, account,
    sender), and nothing is sent."""
    if is_refused("EMAIL_URL"):
        phrase = "il n’est pas examiné tant que son adresse est refusée («\u00a0Réglages\u00a0»)."
        return mauvais(QUOI, phrase, "Corrigez EMAIL_URL, puis recommencez.", lieu.edit)
    mailer = settings.MAILERS["default"]
    options = mailer.get("OPTIONS", {})
    try:
        check_server(TIMEOUT, sender=envelope_sender())
    except MailServerError as error:
        remede, commande = remedy_of(error, options)
        return mauvais(QUOI, error.sentence, remede, filled(commande, options, lieu))
    if mailer["BACKEND"] == FILES:
        folder = "/" + str(options["folder"]).lstrip("/")
        phrase = f"les e-mails deviennent des fichiers de {folder}\u00a0: c’est un essai."
        remede = lieu.to_set("EMAIL_URL=smtp+tls://COMPTE:MOTDEPASSE@SERVEUR:587")
        return attention(QUOI, phrase, remede, lieu.reload) if settings.PRODUCTION else bon(QUOI, phrase)
    how = "TLS" if options.get("use_ssl") else "STARTTLS" if options.get("use_tls") else "en clair"
    whose = "compte accepté" if options.get("username") else "sans compte"
    return bon(QUOI, f"{options.get('host')}:{options.get('port')}, {how}, {whose}, expéditeur accepté.")


def envelope_sender() -> str:
    """The address that the mail server is told as the sender: that of the mailbox where mail comes back, or else that
    of the sender shown."""
    box = settings.RETOURS_COURRIEL
    return box.address if box else parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def remedy_of(error: MailServerError, options: Mapping[str, Any]) -> tuple[str, str]:
    """What to do about this error of the mail server, and the command to type."""
    if error.code == "certificate":
        return next((remedy for word, remedy in CERTIFICATES.items() if word in error.sentence), STRICT)
    return REMEDIES.get(error.code, REMEDIES["other"])


def filled(commande: str, options: Mapping[str, Any], lieu: Lieu) -> str:
    """This command with the names of this installation in place of its words in braces; never a password."""
    host, port = options.get("host", ""), options.get("port", "")
    starttls = " -starttls smtp" if options.get("use_tls") else ""
    names = {
        "host": host,
        "port": port,
        "compte": lieu.compte,
        "edit": lieu.edit,
        "folder": options.get("folder", ""),
        "s_client": f"openssl s_client{starttls} -connect {host}:{port} -servername {host}",
        "reload": lieu.reload,
    }
    for name, value in names.items():
        commande = commande.replace(f"{{{name}}}", str(value))
    return commande


# By the cause of the error, for the mailbox of the mail that comes back.
MAILBOX = {
    "certificate": (
        "Vérifiez le nom dans RETOURS_COURRIEL\u202f; si son autorité est celle de votre commune, ajoutez-la "
        "à cette machine.",
        "{s_client} </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName",
    ),
    "refused": (
        "Corrigez le compte et le mot de passe dans RETOURS_COURRIEL («\u00a0@\u00a0» s’y écrit %40).",
        "{edit}",
    ),
    "folder": ("Corrigez le dossier dans RETOURS_COURRIEL\u00a0: le plus souvent INBOX.", "{edit}"),
    "unreachable": (
        "Vérifiez le nom, le port (993 pour imaps://, 143 pour imap+tls://) et le pare-feu.",
        "{s_client} -brief </dev/null",
    ),
}


def check_mailbox(lieu: Lieu) -> Iterator[Point]:
    """The line of the diagnosis on the mailbox of returned mail: it is logged in to, and no message is read. No line
    when it is not set."""
    box, quoi = settings.RETOURS_COURRIEL, "Boîte des retours"
    if box is None:
        return
    try:
        imap.check(box, timeout=TIMEOUT)
    except imap.MailboxError as error:
        remede, commande = MAILBOX.get(error.cause, MAILBOX["unreachable"])
        starttls = " -starttls imap" if box.starttls else ""
        s_client = f"openssl s_client{starttls} -connect {box.host}:{box.port} -servername {box.host}"
        commande = commande.replace("{s_client}", s_client).replace("{edit}", lieu.edit)
        yield mauvais(quoi, f"{box.host}\u00a0: {error}", remede, commande)
    else:
        yield bon(quoi, f"{box.host}:{box.port}, dossier {box.folder}, compte accepté.")


def check_held(lieu: Lieu) -> Iterator[Point]:
    """A warning of the diagnosis when ENVOIS_RETENUS holds back every mail; else nothing."""
    if settings.ENVOIS_RETENUS:
        phrase = (
            "ENVOIS_RETENUS\u00a0: aucun e-mail ne part de lui-même, chacun attend dans «\u00a0E-mails retenus\u00a0»."
        )
        yield attention("Envois", phrase, lieu.to_set("ENVOIS_RETENUS=0") + " Videz d’abord cette liste.", lieu.reload)


def check_sender(lieu: Lieu) -> Iterator[Point]:
    """In production, the line of the diagnosis that asks somebody to check by hand the DNS of the sender's domain (SPF,
    DMARC, DKIM), for want of a resolver that asks for texts: it is always good. No line in a trial."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    if settings.PRODUCTION and domain:
        yield bon(
            "Expéditeur",
            f"{domain}. À vérifier une fois, à la main\u00a0: SPF («\u00a0dig +short TXT {domain}\u00a0» nomme ce "
            "serveur de mail), "
            f"DMARC («\u00a0dig +short TXT _dmarc.{domain}\u00a0» répond), et la signature DKIM d’un mail reçu.",
        )
