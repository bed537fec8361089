"""What the installer cannot do, with the exact lines: the domain, the certificate, the mails, the copies."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from install.installation.chantier import Chantier

PUBLIC = "ADRESSE_PUBLIQUE"


def public_addresses() -> list[str]:
    """The addresses of this machine that anybody on the Internet can reach; none behind a router. Nothing is sent."""
    found = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far, 9))
                address = probe.getsockname()[0]
        except OSError:
            continue
        if ipaddress.ip_address(address).is_global:
            found.append(address)
    return found


def remaining(c: Chantier) -> list[tuple[str, list[str]]]:
    """What is left for the town to do by hand: for each thing, a French heading and the exact lines."""
    told = [domain(c, public_addresses()), *certificate(c), mails(c), *online(c), *services(c), *kept(c), backups(c)]
    told.append(first_days(c))
    if c.warnings:
        told.append(("Ce que le portail signale", [*c.warnings]))
    return [(heading, lines) for heading, lines in told if lines]


def as_account(c: Chantier) -> str:
    """The beginning of a command line that runs as the portal's account, by sudo or else by runuser."""
    how = "sudo -u {}" if c.machine.has("sudo") else "runuser -u {} --"
    return how.format(c.r.systeme_compte)


def as_root(c: Chantier, line: str) -> str:
    """This command line as root types it: behind sudo when the machine has it."""
    return f"sudo {line}" if c.machine.has("sudo") else line


def typed(c: Chantier, line: str) -> str:
    """The command line that runs this command of `manage.py` as the portal's account."""
    return f"{as_account(c)} .venv/bin/python manage.py {line}"


def domain(c: Chantier, addresses: list[str]) -> tuple[str, list[str]]:
    """The records to write in the DNS, so that the portal's name leads to these addresses: a heading and its lines.
    Without an address, a word stands in the place of the one to find.
    """
    lines = [f"{c.r.nom_public}. {'AAAA' if ':' in address else 'A'} {address}" for address in addresses or [PUBLIC]]
    where = "" if addresses else " (celle que voit Internet : cette machine n’en a pas à elle)"
    return f"DNS : l’adresse de cette machine{where}, et les ports 80 et 443 ouverts", lines


def certificate(c: Chantier) -> list[tuple[str, list[str]]]:
    """How to get the certificate of the site: a heading and its lines; nothing when it is there already."""
    if c.r.certificat:
        return []
    if c.r.serveur == "caddy":
        return [
            (
                "Certificat : Caddy l’obtient à la première visite, dès que le nom mène ici ; rien à taper",
                [f"curl -I https://{c.r.nom_public}/"],
            )
        ]
    obtain = f"certbot certonly --webroot -w {c.r.acme} -d {c.r.nom_public} --deploy-hook 'systemctl reload nginx'"
    return [
        (
            "Certificat : dès que le nom mène ici ; sans lui, le site ne répond qu’à l’autorité",
            [as_root(c, obtain), as_root(c, f"{c.r.dossier}/install/installer --oui")],
        )
    ]


def mails(c: Chantier) -> tuple[str, list[str]]:
    """The records to write in the DNS (SPF, DKIM, DMARC), so that the portal's mails are accepted: a heading and its
    lines. SPF names the server that sends, which is the one of EMAIL_URL or passes on to it.
    """
    sender = re.sub(r".*<|>.*", "", c.r.reglages["DEFAULT_FROM_EMAIL"])
    domain_of_mails, server = sender.rpartition("@")[2], str(urlsplit(c.r.reglages["EMAIL_URL"]).hostname)
    return (
        f"Courriels : que {domain_of_mails} autorise {server} (son hébergeur donne peut-être un « include: » à mettre "
        "à la place)",
        [
            f'{domain_of_mails}. TXT "v=spf1 a:{server} mx ~all"  (SPF ; s’il y en a un déjà, y ajouter a:{server})',
            f'SELECTEUR._domainkey.{domain_of_mails}. TXT "v=DKIM1; k=rsa; p=CLE"  (DKIM ; {server} signe, il donne le '
            "sélecteur et la clé)",
            f'_dmarc.{domain_of_mails}. TXT "v=DMARC1; p=none; rua=mailto:{sender}"  (DMARC ; p=quarantine après un '
            "mois sans plainte)",
            typed(c, "sendtestemail VOTRE_ADRESSE"),
            *(
                []
                if c.r.reglages.get("RETOURS_COURRIEL")
                else ["RETOURS_COURRIEL, dans .env, pour que le portail lise ceux qui reviennent"]
            ),
        ],
    )


def online(c: Chantier) -> list[tuple[str, list[str]]]:
    """How to begin paying on line: a heading and its line; nothing when the town does not, or has the number that the
    treasury gives. Until then, nobody is offered it.
    """
    if c.r.reglages.get("ENCAISSEMENT") == "titre" or c.r.reglages.get("PAYFIP_NUMCLI"):
        return []
    return [
        (
            "Paiement en ligne : le numéro client que la trésorerie donne à la régie (docs/exploitation.md, « Le "
            "paiement en ligne »)",
            ["PAYFIP_NUMCLI et PAYFIP_SAISIE, dans .env"],
        )
    ]


def services(c: Chantier) -> list[tuple[str, list[str]]]:
    """What to start by hand where there is no systemd: a heading and its lines; nothing where systemd is."""
    if c.machine.has_systemd:
        return []
    return [
        (
            "Services : rien ne tourne encore, faute de systemd ; dans le dossier du portail",
            [
                f"{as_account(c)} {c.r.python} -B install/prise.py {c.r.adresse_locale}",
                f"{c.r.serveur}, à (re)démarrer",
            ],
        )
    ]


def kept(c: Chantier) -> list[tuple[str, list[str]]]:
    """The files of the system that the installer has left as it found them, each to be compared with ours: a heading
    and its lines. Without any, the heading alone, which `remaining` leaves out.
    """
    lines = [f"diff {path} {ours}" for path, ours in c.poses.kept.items()]
    return [("Fichiers changés ici, ou là avant : laissés tels quels ; comparez avec ceux de l’installeur", lines)]


def backups(c: Chantier) -> tuple[str, list[str]]:
    """What to do so that backups are safe (a key, a copy on another machine, the settings in a safe): a heading and its
    lines.
    """
    lines = [
        f"rsync -a --exclude '.*' {c.r.nom_public}:{c.r.sauvegardes}/ /srv/copies/portail/  (chaque nuit, d’une autre "
        "machine)",
        f"{c.r.dossier}/.env  (au coffre de la commune : une sauvegarde ne sert pas sans lui)",
    ]
    if not c.r.reglages.get("SAUVEGARDES_CLE_PUBLIQUE"):
        lines.insert(
            0, "age-keygen -o cle-sauvegardes.txt  (sur un autre poste ; la clé publique dans SAUVEGARDES_CLE_PUBLIQUE)"
        )
    return (
        "Sauvegardes : une clé, et une copie ailleurs (docs/exploitation-donnees.md, « Sauvegarder »)",
        lines,
    )


def first_days(c: Chantier) -> tuple[str, list[str]]:
    """The commands to type next, once the portal runs: a heading and its lines."""
    return (
        "Ensuite",
        [
            f"cd {c.r.dossier}",
            typed(c, "diagnostic") + "  (dit ce qui ne va pas, et la commande qui répare)",
            typed(c, "preparer_annee ANNÉE") + "  (puis importer_onde : docs/exploitation.md)",
        ],
    )
