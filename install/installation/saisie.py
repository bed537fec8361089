"""Where the answers come from: a file, what the town has written already, the last installation, or the keyboard."""

from __future__ import annotations

import difflib
import re
import secrets
import textwrap
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from install.installation import valeurs
from install.installation.fichiers import InstallError
from install.installation.questions import NAMES, QUESTIONS, Question, contradictions
from install.installation.reponses import Agent, Reponses
from install.installation.valeurs import Refusal

SAVED = "var/installation.reponses"  # what `.env` does not say; nothing secret


class Faults(InstallError):
    """All that is wrong with the answers, one sentence a line."""

    def __init__(self, faults: list[str], source: str) -> None:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"{source} : rien n’a été fait, il y a à corriger :\n{listed}")


def parse(text: str, names: set[str]) -> tuple[dict[str, str], list[str]]:
    """Read the text of a file of answers: the value of each line « NOM=valeur » whose name is in `names`, and French
    sentences about the lines that are not so.
    """
    found: dict[str, str] = {}
    faults = []
    for number, said in enumerate(text.splitlines(), 1):
        if not said.strip() or said.lstrip().startswith("#"):
            continue
        nom, equals, value = said.partition("=")
        nom = nom.strip()
        if not equals or not re.fullmatch(r"[A-Z_0-9]+", nom):
            faults.append(f"ligne {number} : il faut NOM=valeur, ou « # … ».")
        elif nom not in names:
            near = difflib.get_close_matches(nom, sorted(names), 1)
            faults.append(f"ligne {number} : {nom} n’est pas connu{f' ; est-ce {near[0]} ?' if near else '.'}")
        elif nom in found:
            faults.append(f"ligne {number} : {nom} est déjà donné plus haut.")
        else:
            found[nom] = value.strip()
    return found, faults


def read(path: Path, names: set[str]) -> tuple[dict[str, str], list[str]]:
    """Read this file of answers: the value of each name, and French sentences about what is wrong. A file that holds a
    secret must be readable by its owner alone. Raises InstallError when it cannot be read.
    """
    try:
        text = path.read_text("utf-8-sig")
        closed = not path.stat().st_mode & 0o077
    except OSError as error:
        raise InstallError(f"{path} ne se lit pas ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise InstallError(f"{path} n’est pas enregistré en UTF-8.") from None
    found, faults = parse(text, names)
    if not closed and (held := [nom for nom in found if is_secret(nom) and found[nom]]):
        faults.append(f"{', '.join(held)} : tous les comptes de la machine le lisent ; lancez « chmod 600 {path} ».")
    return found, faults


def is_secret(nom: str) -> bool:
    """Whether the answer of this name is a secret, never shown nor saved."""
    return nom == "SECRET_KEY" or (nom in NAMES and NAMES[nom].secret)


def find(given: Mapping[str, str], known: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The answer to each question, without asking any (what is given, else known, else its default; empty for a
    question that has no place here, or a wrong answer), and French sentences about those that are missing or wrong.
    """
    values: dict[str, str] = dict.fromkeys(NAMES, "")
    faults = []
    for question in QUESTIONS:
        if not question.quand(values):
            continue
        said = given.get(question.nom, "") or known.get(question.nom, "") or question.defaut
        if said is None:
            faults.append(f"{question.nom} : il manque. {question.demande}.")
            continue
        try:
            values[question.nom] = question.check(said) if said else ""
        except Refusal as refusal:
            faults.append(f"{question.nom} : {refusal}")
    values |= others(given, faults)
    faults += [f"{nom} : {sentence}" for nom, sentence in contradictions(values)]
    return values, faults


def others(given: Mapping[str, str], faults: list[str]) -> dict[str, str]:
    """The settings of `.env` that no question asks, and that are given all the same; what is wrong with them is added
    to `faults`.
    """
    found = {}
    for nom in sorted(given.keys() - NAMES.keys() - {"SITE_URL"}):
        try:
            found[nom] = valeurs.optional(given[nom])
        except Refusal as refusal:
            faults.append(f"{nom} : {refusal}")
    return found


def ask(known: Mapping[str, str], say: Callable[[str], None] = print) -> dict[str, str]:
    """The answer to each question, at the keyboard: what is known is not asked, what is refused is asked again, and so
    are answers that contradict one another, known or not. `say` prints a sentence.
    """
    values: dict[str, str] = dict.fromkeys(NAMES, "")
    for question in QUESTIONS:
        if question.quand(values):
            values[question.nom] = answer(question, known.get(question.nom, ""), say)
    while faults := contradictions(values):
        nom, sentence = faults[0]
        say(f"  {nom} : {sentence}")
        values[nom] = type_in(NAMES[nom], say)
    return values


def answer(question: Question, known: str, say: Callable[[str], None]) -> str:
    """The answer to this question: what is known, or the default when it is not to be asked, if it is good; else what
    is typed in. `say` prints a sentence.
    """
    if known or not question.asked:
        said = known or question.defaut or ""
        try:
            return question.check(said) if said else ""
        except Refusal as refusal:
            say(f"  {question.nom} : {refusal}")
    return type_in(question, say)


def type_in(question: Question, say: Callable[[str], None]) -> str:
    """Ask this question at the keyboard until the answer is good, and return it; an empty answer is the default, if
    there is one. `say` prints a sentence.
    """
    if question.aide:
        say("\n" + textwrap.fill(question.aide, 100))
    shown = f" [{question.defaut}]" if question.defaut else ""
    while True:
        said = (getpass if question.secret else input)(f"{question.demande}{shown} : ")
        said = said if question.secret else said.strip()
        if not said and question.defaut is not None:
            return question.defaut
        try:
            return question.check(said)
        except Refusal as refusal:
            say(f"  Non : {refusal}")


def known_from(settings: Mapping[str, str], saved: Mapping[str, str]) -> dict[str, str]:
    """The answers that need no asking: those of the last installation (`saved`), and before them what the town's `.env`
    says (`settings`).
    """
    known = {nom: value for nom, value in saved.items() if nom in NAMES}
    known |= {nom: settings[nom] for nom in NAMES if NAMES[nom].reglage and settings.get(nom)}
    if settings.get("SITE_URL"):
        known["NOM_PUBLIC"] = str(urlsplit(settings["SITE_URL"]).hostname or "")
    return known


def to_save(values: Mapping[str, str]) -> str:
    """The text of the file that keeps the answers which the next run must not ask again, and which `.env` does not
    hold. Nothing secret is in it.
    """
    kept = {q.nom: values[q.nom] for q in QUESTIONS if not q.reglage and not q.secret and values[q.nom]}
    in_env = ("EMAIL_", "BASE") if values["BASE"] != "sqlite" else ("EMAIL_",)
    kept = {nom: value for nom, value in kept.items() if not nom.startswith(in_env)}
    head = "# Ce que install/installer a su, pour ne pas le redemander. Rien de secret ; les réglages sont dans .env.\n"
    return head + "".join(f"{nom}={value}\n" for nom, value in kept.items())


def model() -> str:
    """The text of a file of answers for the town to fill in."""
    lines = [
        "# Réponses pour install/installer, à remplir. « # » devant une ligne : la valeur est facultative, ou c’est "
        "celle-là par défaut.",
        "# Tout réglage de .env.example peut s’y ajouter. Ce fichier porte un mot de passe : chmod 600, et effacez-le "
        "ensuite.",
    ]
    for question in QUESTIONS:
        lines += ["", *(f"# {said}" for said in textwrap.wrap(question.aide, 116)), f"# {question.demande}."]
        lines.append(
            f"{question.nom}="
            if question.defaut is None and question.nom not in ("CLE", "EMAIL_MOT_DE_PASSE")
            else f"#{question.nom}={question.defaut or ''}"
        )
    return "\n".join(lines) + "\n"


# --- The answers as the rest of the installer wants them --------------------------------------------------------------


def mail_url(values: Mapping[str, str]) -> str:
    """EMAIL_URL made of the answers about the mail server, or as it is when it was given whole. The special signs of
    the account and password are percent-encoded.
    """
    if values["EMAIL_URL"]:
        return values["EMAIL_URL"]
    scheme, port = ("smtps", 465) if values["EMAIL_CHIFFREMENT"] == "tls" else ("smtp+tls", 587)
    server = values["EMAIL_SERVEUR"]
    at = (
        f"{quote(values['EMAIL_COMPTE'], safe='')}:{quote(values['EMAIL_MOT_DE_PASSE'], safe='')}@"
        if values["EMAIL_COMPTE"]
        else ""
    )
    return f"{scheme}://{at}{server if urlsplit(f'//{server}').port else f'{server}:{port}'}"


def database_url(values: Mapping[str, str]) -> str:
    """DATABASE_URL made of the answers about the database, or as it is when it was given whole; empty for the portal's
    own SQLite file. For PostgreSQL on another machine, a password is drawn at random.
    """
    if values["DATABASE_URL"] or values["BASE"] == "sqlite":
        return values["DATABASE_URL"]
    name = values["COMPTE_SYSTEME"]
    if not values["BASE_SERVEUR"]:
        return f"postgres:///{name}?host={values['BASE_SOCKET']}"
    server = values["BASE_SERVEUR"]
    server = server if urlsplit(f"//{server}").port else f"{server}:5432"
    return f"postgres://{name}:{secrets.token_urlsafe(24)}@{server}/{name}?sslmode=require"


def build(values: Mapping[str, str], *, dossier: Path, python: Path, certificates: Path) -> Reponses:
    """All that the rest of the installer needs to know, made of these answers. The certificate that certbot has got
    since is found in the folder `certificates`. A SECRET_KEY is drawn at random when none is given.
    """
    certificate = Path(values["CERTIFICAT"]) if values["CERTIFICAT"] else None
    key = Path(values["CLE"]) if values["CERTIFICAT"] else None
    live = certificates / values["NOM_PUBLIC"]
    if certificate is None and values["SERVEUR"] == "nginx" and (live / "fullchain.pem").exists():
        certificate, key = live / "fullchain.pem", live / "privkey.pem"
    url = database_url(values)
    settings = {question.nom: values[question.nom] for question in QUESTIONS if question.reglage}
    settings |= {nom: value for nom, value in values.items() if nom not in NAMES}
    settings |= {"SITE_URL": f"https://{values['NOM_PUBLIC']}", "EMAIL_URL": mail_url(values), "DATABASE_URL": url}
    if values["ADRESSE_LOCALE"].startswith("/"):
        settings.setdefault("TRUSTED_PROXIES", "unix")
    settings.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    return Reponses(
        systeme_compte=values["COMPTE_SYSTEME"],
        dossier=dossier,
        nom_public=values["NOM_PUBLIC"],
        serveur=values["SERVEUR"],
        base="postgresql" if url.startswith("postgres") else "sqlite",
        base_serveur=str(urlsplit(url).hostname or ""),
        sauvegardes=Path(values["SAUVEGARDES"]),
        adresse_locale=values["ADRESSE_LOCALE"],
        certificat=certificate,
        cle=key,
        journal_mois=int(values["JOURNAL_MOIS"]),
        python=python,
        reglages=MappingProxyType({nom: value for nom, value in settings.items() if value}),
        agent=Agent(
            values["AGENT_IDENTIFIANT"],
            values["AGENT_GROUPE"],
            values["AGENT_NOM"],
            values["AGENT_PRENOM"],
            values["AGENT_COURRIEL"],
        ),
    )
