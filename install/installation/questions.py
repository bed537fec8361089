"""What the installer must know, in the order in which it asks."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from install.installation import valeurs
from install.installation.valeurs import Check

GROUPES = ["Informatique", "Secrétariat", "Équipe", "Cantine", "Régie", "École"]
# As portail/checks.py: the commune of the demo, which a real one of that name has in its address too.
FICTION = re.compile(r"\b(saint|st)[ -]sauveur\b", re.IGNORECASE)


def always(values: Mapping[str, str]) -> bool:
    """Yes, whatever the answers so far: a question that is always asked."""
    return True


@dataclass(frozen=True)
class Question:
    """`nom` is its name in a file of answers, and in `.env` when it is a `reglage`. With a `defaut`, an empty answer is
    that; one that is not `asked` is taken without a word. `quand` looks at the answers before it."""

    nom: str
    demande: str
    check: Check = valeurs.line
    defaut: str | None = None
    aide: str = ""
    asked: bool = True
    secret: bool = False
    reglage: bool = False
    quand: Callable[[Mapping[str, str]], bool] = always


def on_postgresql(values: Mapping[str, str]) -> bool:
    """Whether the answers so far choose PostgreSQL, and do not give its address (DATABASE_URL) whole."""
    return values["BASE"] == "postgresql" and not values["DATABASE_URL"]


def without_mail_url(values: Mapping[str, str]) -> bool:
    """Whether the answers so far do not give the address of the mail server (EMAIL_URL) whole."""
    return not values["EMAIL_URL"]


QUESTIONS = (
    Question("COMPTE_SYSTEME", "Le compte système du portail", valeurs.account, "portail", asked=False),
    Question(
        "ADRESSE_LOCALE",
        "L’adresse où le portail écoute, derrière le serveur web",
        valeurs.local_address,
        "127.0.0.1:8000",
        asked=False,
    ),
    Question("JOURNAL_MOIS", "Combien de mois garder le journal de sécurité", valeurs.months, "12", asked=False),
    Question(
        "DATABASE_URL",
        "L’adresse d’une base qui est déjà là",
        valeurs.maybe(valeurs.database_url),
        "",
        asked=False,
        secret=True,
        reglage=True,
    ),
    Question(
        "BASE",
        "La base : 1 (sqlite) ou 2 (postgresql)",
        valeurs.choice("sqlite", "postgresql"),
        "sqlite",
        "Où garder les données. SQLite : un fichier, rien à administrer ; il suffit à une école sur une machine. "
        "PostgreSQL : pour plusieurs écoles "
        "très fréquentées, plusieurs machines, ou si la commune en tient déjà un, avec ses sauvegardes. On passe de "
        "SQLite à PostgreSQL par une commande ; pas l’inverse.",
        quand=lambda values: not values["DATABASE_URL"],
    ),
    Question(
        "BASE_SERVEUR",
        "La machine où est PostgreSQL (vide : celle-ci)",
        valeurs.maybe(valeurs.server),
        "",
        "Sur cette machine, le portail y entre par la socket, sans mot de passe. Sur une autre, un mot de passe est "
        "tiré, et vous aurez deux ordres à y faire passer.",
        quand=on_postgresql,
    ),
    Question(
        "BASE_SOCKET",
        "Le dossier de la socket de PostgreSQL",
        valeurs.folder,
        "/var/run/postgresql",
        asked=False,
        quand=lambda values: on_postgresql(values) and not values["BASE_SERVEUR"],
    ),
    Question("NOM_PUBLIC", "Le nom public du portail (portail.commune.fr)", valeurs.host),
    Question(
        "SERVEUR",
        "Le serveur web placé devant : 1 (nginx) ou 2 (caddy)",
        valeurs.choice("nginx", "caddy"),
        "nginx",
        "Il reçoit les visites en https. nginx : le plus répandu, son certificat vient de certbot ou de vous. Caddy : "
        "obtient et renouvelle le certificat lui-même.",
    ),
    Question(
        "CERTIFICAT",
        "Le fichier de votre certificat, chaîne comprise (vide : Let’s Encrypt)",
        valeurs.maybe(valeurs.pem),
        "",
    ),
    Question("CLE", "Le fichier de sa clé privée", valeurs.pem, quand=lambda values: bool(values["CERTIFICAT"])),
    Question(
        "SAUVEGARDES",
        "Le dossier des sauvegardes",
        valeurs.folder,
        "/srv/sauvegardes/portail",
        "Une archive y est faite chaque nuit. Sur un autre disque que le portail si possible.",
        reglage=True,
    ),
    Question(
        "EMAIL_URL",
        "L’adresse entière du serveur de mail",
        valeurs.maybe(valeurs.mail_url),
        "",
        asked=False,
        secret=True,
        reglage=True,
    ),
    Question(
        "EMAIL_SERVEUR",
        "Le serveur de mail de la commune (smtp.commune.fr)",
        valeurs.server,
        aide="Les e-mails partent par lui : mots de passe, confirmations, rappels.",
        quand=without_mail_url,
    ),
    Question(
        "EMAIL_CHIFFREMENT",
        "Son chiffrement : 1 (starttls, port 587) ou 2 (tls, port 465)",
        valeurs.choice("starttls", "tls"),
        "starttls",
        quand=without_mail_url,
    ),
    Question("EMAIL_COMPTE", "Le compte à y présenter (vide : aucun)", valeurs.optional, "", quand=without_mail_url),
    Question(
        "EMAIL_MOT_DE_PASSE",
        "Son mot de passe",
        lambda value: value or valeurs.line(value),
        secret=True,
        quand=lambda values: without_mail_url(values) and bool(values["EMAIL_COMPTE"]),
    ),
    Question(
        "DEFAULT_FROM_EMAIL",
        "L’expéditeur des e-mails (Garderie de Commune <garderie@commune.fr>)",
        valeurs.sender,
        reglage=True,
    ),
    Question(
        "COMMUNE_NOM",
        "Le nom de la commune, seul",
        aide="Ce que les pages et les e-mails disent aux familles. Tout se corrige ensuite dans .env.",
        reglage=True,
    ),
    Question("COMMUNE_ADRESSE", "L’adresse de la mairie, sur une ligne", reglage=True),
    Question("COMMUNE_TELEPHONE", "Le téléphone de la mairie pour les familles", valeurs.phone, reglage=True),
    Question("COMMUNE_HORAIRES", "Ses horaires (du lundi au vendredi, de 8 h 30 à 12 h)", reglage=True),
    Question("COMMUNE_COURRIEL", "L’adresse e-mail où les familles écrivent", valeurs.address, reglage=True),
    Question("GARDERIE_TELEPHONE", "Le téléphone à la garderie même", valeurs.phone, reglage=True),
    Question(
        "COMMUNE_DPO",
        "L’adresse e-mail du délégué ou de la déléguée à la protection des données",
        valeurs.address,
        reglage=True,
    ),
    Question(
        "COMMUNE_HEBERGEUR",
        "L’hébergeur du portail : nom, adresse, téléphone (la mairie, si c’est elle)",
        aide="Les mentions légales le donnent.",
        reglage=True,
    ),
    Question(
        "ENCAISSEMENT",
        "Qui encaisse la garderie : 1 (regie) ou 2 (titre)",
        valeurs.choice("regie", "titre"),
        "regie",
        "Une régie : la commune reçoit les paiements, au guichet et, plus tard, en ligne. Des titres : la trésorerie "
        "recouvre, le portail lui remet la liste de chaque mois.",
        reglage=True,
    ),
    Question(
        "AGENT_IDENTIFIANT",
        "Son identifiant : des chiffres, 12 au plus",
        valeurs.digits,
        aide="Le premier compte d’agent, le vôtre d’ordinaire : il ouvre les autres dans l’administration.",
    ),
    Question("AGENT_GROUPE", "Son groupe", valeurs.named(*GROUPES), GROUPES[0], asked=False),
    Question("AGENT_PRENOM", "Son prénom"),
    Question("AGENT_NOM", "Son nom"),
    Question("AGENT_COURRIEL", "Son adresse e-mail", valeurs.address),
)
NAMES = {question.nom: question for question in QUESTIONS}


def contradictions(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is wrong with answers that are each good alone: each time, the name of the question to ask again, and a
    sentence.
    """
    faults = []
    if values.get("CERTIFICAT") and values.get("CLE"):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(values["CERTIFICAT"], values["CLE"])
        except (OSError, ValueError):
            faults.append(
                ("CLE", f"{values['CLE']} n’est pas la clé de {values['CERTIFICAT']}, ou un mot de passe la protège.")
            )
    for nom in ("COMMUNE_NOM", "DEFAULT_FROM_EMAIL"):
        if FICTION.search(values.get(nom, "")) and not FICTION.search(values.get("COMMUNE_ADRESSE", "")):
            faults.append(
                (nom, f"« {values[nom]} » est resté de l’exemple : l’adresse de la mairie n’est pas à Saint-Sauveur.")
            )
    return faults
