"""The database: SQLite's folder, or PostgreSQL's role and database, in UTF-8 with the collation that no system update
changes (C.UTF-8; the portal sorts names itself)."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

from install.installation.fichiers import Fichier, InstallError, poser
from install.installation.machine import Machine, last_words
from install.installation.reponses import Reponses

ADMIN = "postgres"
OLDEST = 15
ORDERS = "var/creer-la-base.sql"
# The environment's own psycopg: nothing else is sure to be there. The address comes by stdin, with its password.
PROBE = """
import json, sys, psycopg
try:
    with psycopg.connect(sys.stdin.read(), connect_timeout=5) as link:
        row = link.execute("SELECT current_setting('server_version_num')::int / 10000, "
            "current_setting('server_encoding'), (SELECT datcollate FROM pg_database WHERE datname = "
            "current_database())"
        ).fetchone()
    print(json.dumps(row))
except psycopg.Error as error:
    sys.exit(str(error).strip() or type(error).__name__)
"""


def make(r: Reponses, machine: Machine) -> bool:
    """Make the PostgreSQL database when it is on this machine and is not there, then see that the portal's account
    enters it. Returns True when something was made; raises InstallError when it cannot be made or entered.
    """
    url = r.reglages["DATABASE_URL"]
    made = not r.base_serveur and make_here(machine, url, r.systeme_compte)
    probe(r, machine, url)
    return made


def make_here(machine: Machine, url: str, account: str) -> bool:
    """Make on this machine the PostgreSQL role of `url` (or of this account), which enters by the socket without a
    password, and the database that it owns; True when one of them was missing.
    """
    parts = urlsplit(url)
    name, role, made = parts.path.strip("/"), parts.username or account, False
    reach = [word for host in parse_qs(parts.query).get("host", []) for word in ("-h", host)]
    if not has_row(machine, reach, "SELECT 1 FROM pg_roles WHERE rolname = :'nom'", role):
        # to check a backup, one is restored in a database apart: hence --createdb
        order(machine, "createuser", *reach, "--createdb", "--no-superuser", "--no-createrole", role)
        made = True
    if not has_row(machine, reach, "SELECT 1 FROM pg_database WHERE datname = :'nom'", name):
        how = ["--encoding", "UTF8", "--locale-provider", "libc", "--locale", "C.UTF-8", "--template", "template0"]
        order(machine, "createdb", *reach, "--owner", role, *how, name)
        made = True
    return made


def has_row(machine: Machine, reach: list[str], query: str, name: str) -> bool:
    """Whether this query on PostgreSQL gives a row; `name` replaces « :'nom' » in it, and `reach` are the options of
    psql that lead to the server.
    """
    return bool(order(machine, "psql", *reach, "-XAtqd", "postgres", "-v", f"nom={name}", stdin=query))


def order(machine: Machine, *command: str, stdin: str | None = None) -> str:
    """Run this command as PostgreSQL's administrator, and return what it prints. Raises InstallError when PostgreSQL is
    not there, does not run, or refuses.
    """
    if not machine.elsewhere and machine.account(ADMIN) is None:
        raise InstallError(
            f"Le compte {ADMIN} n’existe pas : PostgreSQL n’est pas installé ici (« sudo apt install postgresql »)."
        )
    done = machine.run(*command, who=ADMIN, stdin=stdin)
    if done.ok:
        return done.out.strip()
    if re.search("No such file or directory|Connection refused|could not connect", done.err):
        raise InstallError(f"PostgreSQL ne répond pas ({last_words(done)}). Démarrez-le : {start_line(machine)}.")
    raise InstallError(f"PostgreSQL a refusé {command[0]} ({last_words(done)}).")


def start_line(machine: Machine) -> str:
    """The command, in quotation marks, that starts PostgreSQL on this machine, for a sentence."""
    if machine.has_systemd:
        return "« sudo systemctl start postgresql »"
    done = machine.run("pg_lsclusters", "-h")
    version, cluster = (*done.out.split(), "17", "main")[:2] if done.ok and done.out.split() else ("17", "main")
    return f"« sudo pg_ctlcluster {version} {cluster} start »"


def probe(r: Reponses, machine: Machine, url: str) -> None:
    """See that the portal's account enters the database of `url`, in UTF-8 and on a PostgreSQL that is recent enough,
    by the portal's own Python. Raises InstallError with what to do when it does not; for another server, the orders to
    run there are then written in a file, which goes once it enters.
    """
    done = machine.run(r.dossier / ".venv/bin/python", "-c", PROBE, who=r.systeme_compte, cwd=r.dossier, stdin=url)
    orders = Fichier(r.dossier / ORDERS, sql(url), 0o600, machine.owner(r.systeme_compte))
    if not done.ok and r.base_serveur:
        poser(orders)
        server = f"-h {r.base_serveur} -p {urlsplit(url).port or 5432}"
        raise InstallError(
            f"La base de {r.base_serveur} n’ouvre pas au portail ({last_words(done)}). Si elle n’est pas faite, "
            f"passez-y ces ordres, qui portent son mot de passe : psql {server} -U postgres -f {orders.chemin}"
        )
    if not done.ok:
        raise InstallError(
            f"La base n’ouvre pas au compte {r.systeme_compte} ({last_words(done)}). Voyez pg_hba.conf : il faut "
            "« local all all peer »."
        )
    orders.chemin.unlink(missing_ok=True)
    version, encoding, collation = json.loads(done.out)
    if version < OLDEST:
        raise InstallError(f"PostgreSQL {version} est trop ancien : il en faut un {OLDEST} ou plus récent.")
    if encoding != "UTF8":
        raise InstallError(
            f"La base est en {encoding}, pas en UTF-8 : les accents s’y perdraient. Si elle est vide, refaites-la "
            "(« sudo -u postgres dropdb … »), puis relancez."
        )


def sql(url: str) -> str:
    """The SQL that the administrator of another server runs, to make the role and the database that this
    address names.
    """
    parts = urlsplit(url)
    role, name = unquote(parts.username or ""), parts.path.strip("/")
    password = unquote(parts.password or "").replace("'", "''")
    return (
        f"CREATE ROLE \"{role}\" LOGIN CREATEDB PASSWORD '{password}';\n"
        f'CREATE DATABASE "{name}" OWNER "{role}" '
        "ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C.UTF-8' TEMPLATE template0;\n"
    )
