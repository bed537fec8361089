"""Settings, read from the environment or from `.env`: safe by default, each one explained in `.env.example`.

Production is a `SITE_URL` in https: `portail.checks` then refuses to start on a missing or bad value.
"""

import secrets
import sys
from datetime import time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from portail import environnement
from portail.checks import production_obstacles
from portail.environnement import (
    env,
    folder,
    instance,
    is_diagnosis,
    is_typed,
    later,
    name_of,
    noting,
    read_file,
    secret_key,
    site,
    words,
)
from portail.groupes import CANTINE, EQUIPE

# Why what `.env` says cannot be taken, one French sentence a setting: all are told at the end, and nothing starts.
REGLAGES_REFUSES: list[str] = []
boolean = noting(environnement.boolean, REGLAGES_REFUSES)
boolean_or = noting(environnement.boolean_or, REGLAGES_REFUSES)
centimes = noting(environnement.centimes, REGLAGES_REFUSES)
choice = noting(environnement.choice, REGLAGES_REFUSES)
contract = noting(environnement.contract, REGLAGES_REFUSES)
database = noting(environnement.database, REGLAGES_REFUSES)
day = noting(environnement.day, REGLAGES_REFUSES)
day_of_year = noting(environnement.day_of_year, REGLAGES_REFUSES)
days = noting(environnement.days, REGLAGES_REFUSES)
mailbox = noting(environnement.mailbox, REGLAGES_REFUSES)
mailer = noting(environnement.mailer, REGLAGES_REFUSES)
minutes = noting(environnement.minutes, REGLAGES_REFUSES)
networks = noting(environnement.networks, REGLAGES_REFUSES)
numcli = noting(environnement.numcli, REGLAGES_REFUSES)
public_key = noting(environnement.public_key, REGLAGES_REFUSES)
sentence = noting(environnement.sentence, REGLAGES_REFUSES)
siret = noting(environnement.siret, REGLAGES_REFUSES)
token = noting(environnement.token, REGLAGES_REFUSES)

BASE_DIR = Path(__file__).resolve().parent.parent
# Several versions may stand beside each other (install/mettre-a-jour): each finds here the one folder of the portal.
BESIDE = BASE_DIR / "racine"
ROOT_DIR = BESIDE.resolve() if BESIDE.is_symlink() else BASE_DIR

ENV_FILE = read_file(BASE_DIR / ".env")
INSTANCE = instance("INSTANCE")  # its name among those of a folder that several portals share; alone: none
VAR_DIR = BASE_DIR / "var" / "communes" / INSTANCE if INSTANCE else BASE_DIR / "var"

# --- Where the portal answers -------------------------------------------------------------------------------------

SITE_URL = site("SITE_URL", "http://127.0.0.1:8000")
PRODUCTION = SITE_URL.startswith("https://")

DEBUG = boolean("DEBUG")
SECRET_KEY = secret_key("SECRET_KEY", VAR_DIR, trial=not PRODUCTION)
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS", [])  # those of before: what they signed still stands
ALLOWED_HOSTS = words("ALLOWED_HOSTS", [str(urlsplit(SITE_URL).hostname)])
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
DIRECT_ACCESS = boolean("DIRECT_ACCESS")

ROOT_URLCONF = "portail.urls"
WSGI_APPLICATION = "portail.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = [
    "django_ratelimit.W001",  # our CounterCache is exact: docs/decisions/2026-11-25-limites-d-essais.md
    *("security.W009", "security.W025"),  # portail.W010 says the same in French
    "security.W021",  # HSTS preload binds the whole domain of the commune, which decides (HDR-02)
]

INSTALLED_APPS = [
    "accounts",  # before django_tasks_db: its db_worker wraps the package's
    "conservation",
    "surveillance",
    "enfance",
    "facturation",
    "portail",
    "enfance.apps.MairieConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its widgets, found by our own renderer
    "django_tasks_db",
    "django_otp",
    "django_otp.plugins.otp_totp",
]

MIDDLEWARE = [
    "accounts.middleware.SecurityHeadersMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.BadInputMiddleware",
    "accounts.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionLifetimeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.NoStoreMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["portail.gabarits.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portail.context.commune",
                "portail.context.menu",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"environment": "portail.jinja.environment"},
    },
]
FORM_RENDERER = "portail.formulaires.Renderer"

# --- Data ---------------------------------------------------------------------------------------------------------

# Behind a pooler such as pgbouncer, what is typed goes straight to the server: a dump and a restoration hold a session.
POOLED = env.str("DATABASE_URL_DIRECTE", "") != ""
DATABASES = {"default": database("DATABASE_URL", VAR_DIR / "portail.sqlite3", base=ROOT_DIR)}
if POOLED and is_typed(sys.argv):
    DATABASES = {"default": database("DATABASE_URL_DIRECTE", VAR_DIR / "portail.sqlite3", base=ROOT_DIR)}
DATABASES["default"]["CONN_MAX_AGE"] = 60  # opening one costs as much as an empty page, on SQLite too
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # SQLite makes its file, not the folder around it
    # Measured: with Django's defaults 13 % of concurrent writes fail, with these none:
    # docs/decisions/2026-11-25-sqlite.md.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
            "PRAGMA secure_delete=ON;"  # not every build of SQLite overwrites what is deleted (RGP-08)
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # As long as SQLite waits: without them PostgreSQL waits for a row, or for a server, longer than anybody (REL-03).
    # A page joins ten tables at most, in milliseconds: planned together, and never compiled, which takes longer. A page
    # of an index costs what any other does, on the disks of today: a year is counted in its index alone.
    plans = "-c jit=off -c join_collapse_limit=10 -c from_collapse_limit=10 -c random_page_cost=1.1"
    patience = {"connect_timeout": 5, "options": f"-c lock_timeout=20s {plans}"}
    if POOLED and not is_typed(sys.argv):
        # A session of the server is everybody's: nothing of ours may stay in it. Its role says these.
        DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
        del patience["options"]
    DATABASES["default"]["OPTIONS"] = patience | DATABASES["default"].get("OPTIONS", {})

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "limites": {"BACKEND": "accounts.ratelimit.CounterCache", "LOCATION": "accounts_counter"},
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "courriels", "archive"]}}
# Enqueued once a day, from this hour on, by accounts.worker; of many portals on one machine, each a little later.
DECALAGE = minutes("DECALAGE", 0, until=120)
DAILY_TASKS = {
    "accounts.tasks.purge": later(time(3), name=SITE_URL, within=DECALAGE),
    "conservation.tasks.write_effacements": later(time(3), name=SITE_URL, within=DECALAGE),
    "conservation.tasks.purge_annuelle": later(time(3, 30), name=SITE_URL, within=DECALAGE),
    "facturation.quotients.demandes.ask_quotients": time(9),  # in January, once
    "facturation.tasks.verify_factures": later(time(4), name=SITE_URL, within=DECALAGE),
    "enfance.cantine.tasks.plan_cantine": time(5),  # the association chooses its hour, not before this one
    "facturation.payfip.questions.redemander": later(time(4), name=SITE_URL, within=DECALAGE),
    "enfance.courriels.tasks.send_rappels": later(time(18), name=SITE_URL, within=DECALAGE),
}

# --- Who comes in -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.IdentifiantBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "enfance:accueil"
# Where an agent goes: the page of the first of these rights; with none of them, the account's own.
STAFF_HOMES = {
    "accounts.view_user": "admin:index",
    "accounts.view_staffuser": "admin:index",
    "enfance.tenir_feuille": "enfance:equipe",
    "enfance.tenir_cantine": "enfance:cantine",
    "enfance.annoncer_sortie": "enfance:ecole",
    "facturation.tenir_regie": "admin:regie_encaisser",
}
PASSWORD_HASHERS = ["accounts.hashers.Argon2idHasher"]
PASSWORD_MIN_LENGTH = 8
STAFF_PASSWORD_MIN_LENGTH = 14
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.LengthValidator"},
    {"NAME": "accounts.validators.CharacterKindsValidator"},
    {"NAME": "accounts.validators.TemporaryPasswordValidator"},
    {"NAME": "enfance.famille.mots_de_passe.FamilyNamesValidator"},
    {"NAME": "accounts.validators.CommonPasswordValidator"},
]

OTP_TOTP_SYNC = False  # a code is good one step early or late, and no clock shifts that little by little
RATELIMIT_USE_CACHE = "limites"
RATELIMIT_IP_META_KEY = "accounts.client_ip.client_ip"

SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_LIFE = 12 * 3600
SESSION_IDLE = 2 * 3600
SESSION_STAFF_IDLE = 30 * 60
SESSION_LONG_GROUPS = [EQUIPE, CANTINE]  # no family files there, and no login page before a child at the gate
SECOND_FACTOR_REMEMBER = 30 * 24 * 3600  # on the device, for these groups only
SESSION_REMEMBER = 30 * 24 * 3600  # « Rester connecté sur cet appareil », parents only
SESSION_RESTRICTED = 30 * 60  # to choose a password with a temporary one
SESSION_COOKIE_AGE = SESSION_LIFE  # of the row; accounts.sessions ends most of them sooner
# Django's own default is a cookie that the next person of this browser reads, and that no logout takes away.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# A browser that has logged in before: it opens nothing, its tries count apart (LIM-15).
KNOWN_DEVICE_COOKIE_NAME = "__Host-connu" if PRODUCTION else "connu"
KNOWN_DEVICE_REMEMBER = 365 * 24 * 3600
SECOND_FACTOR_COOKIE_NAME = "__Host-appareil" if PRODUCTION else "appareil"
CSRF_COOKIE_NAME = "__Host-csrftoken" if PRODUCTION else "csrftoken"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portail.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- Headers (confiance: HDR) ---------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = False
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^sante/web$"]  # a balancer asks behind the TLS, and takes a 301 for a fault
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- Mail -----------------------------------------------------------------------------------------------------------

MAILERS = {"default": mailer("EMAIL_URL", f"filemail:///{VAR_DIR / 'courriels'}")}
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", "" if PRODUCTION else "Garderie de Saint-Sauveur <garderie@saint-sauveur.example>"
)
RETOURS_COURRIEL = mailbox("RETOURS_COURRIEL")  # where mail comes back; None: nowhere

ENVOIS_RETENUS = boolean("ENVOIS_RETENUS")  # every mail waits until the town hall lets it leave

# Enqueued this often by accounts.worker. A rehearsal, or a copy, must not take from the mailbox what is another's.
FREQUENT_TASKS = (
    {"accounts.tasks.read_returns": timedelta(minutes=5)} if RETOURS_COURRIEL and not ENVOIS_RETENUS else {}
)

# --- The commune ----------------------------------------------------------------------------------------------------

COMMUNE_NOM = env.str("COMMUNE_NOM", "" if PRODUCTION else "Saint-Sauveur")
OTP_TOTP_ISSUER = f"Portail de {COMMUNE_NOM}"  # what an agent's phone writes above the code
COMMUNE_ADRESSE = env.str("COMMUNE_ADRESSE", "" if PRODUCTION else "1 place de la Mairie, 38160 Saint-Sauveur")
COMMUNE_TELEPHONE = env.str("COMMUNE_TELEPHONE", "" if PRODUCTION else "04 65 71 00 38")
COMMUNE_HORAIRES = env.str("COMMUNE_HORAIRES", "" if PRODUCTION else "du lundi au vendredi, de 8 h 30 à 12 h")
COMMUNE_COURRIEL = env.str("COMMUNE_COURRIEL", "" if PRODUCTION else "garderie@saint-sauveur.example")
COMMUNE_DPO = env.str("COMMUNE_DPO", "" if PRODUCTION else "dpo@saint-sauveur.example")
COMMUNE_DIRECTEUR_PUBLICATION = env.str(
    "COMMUNE_DIRECTEUR_PUBLICATION", "la personne qui exerce les fonctions de maire"
)
COMMUNE_HEBERGEUR = env.str(
    "COMMUNE_HEBERGEUR", "" if PRODUCTION else "Hébergeur Exemple, 1 rue de l’Exemple, 38000 Grenoble, 04 65 71 00 40"
)
GARDERIE_TELEPHONE = env.str("GARDERIE_TELEPHONE", "" if PRODUCTION else "04 65 71 00 39")
ECOLE_TELEPHONE = env.str("ECOLE_TELEPHONE", "" if PRODUCTION else "04 65 71 00 36")
CANTINE_NOM = env.str("CANTINE_NOM", "l’association de la cantine")
CANTINE_TELEPHONE = env.str("CANTINE_TELEPHONE", "")
CANTINE_COURRIEL = env.str("CANTINE_COURRIEL", "")
FEUILLE_AUTORISES = boolean_or("FEUILLE_AUTORISES", "telephone")  # the printed sheet names who may fetch each child
REPAS_INSCRIT_D_OFFICE = boolean("REPAS_INSCRIT_D_OFFICE")  # the import of meals registers for the lunch break
ACCESSIBILITE_ETAT = choice("ACCESSIBILITE_ETAT", ["non conforme", "partiellement conforme", "totalement conforme"])
ACCESSIBILITE_DATE = day("ACCESSIBILITE_DATE", "2026-11-25")
ACCESSIBILITE_AUDIT = env.str("ACCESSIBILITE_AUDIT", "")
ACCESSIBILITE_PLAN = env.str("ACCESSIBILITE_PLAN", "")
COMMUNE_HOMOLOGATION = env.str("COMMUNE_HOMOLOGATION", "")

# --- Money ---------------------------------------------------------------------------------------------------------

# The town's régisseur receives, or the treasury collects what the town hands over.
ENCAISSEMENT = choice("ENCAISSEMENT", ["regie", "titre"])
FACTURE_MINIMUM = centimes("FACTURE_MINIMUM", 1500 if ENCAISSEMENT == "titre" else 0)  # below, it joins the next one
PAYFIP_NUMCLI = numcli("PAYFIP_NUMCLI")  # of the régie; empty: nobody pays on line
PAYFIP_SAISIE = choice("PAYFIP_SAISIE", ["T", "X", "W"])  # try, activation, production
PAYFIP_WSDL = contract("PAYFIP_WSDL", base=ROOT_DIR)  # it gives the address; empty: that of production
REGIE_NOM = sentence("REGIE_NOM", 100)  # what issues the invoices, as its papers name it
REGIE_SIRET = siret("REGIE_SIRET")
FACTURE_TVA = sentence("FACTURE_TVA", 200)  # the sentence on VAT
FACTURE_RECOURS = sentence("FACTURE_RECOURS", 500)  # how, and until when, an invoice is contested

# --- What is kept, and for how long -----------------------------------------------------------------------------------

SAUVEGARDES = folder("SAUVEGARDES", base=ROOT_DIR)  # where backups and the list of erasures are; none: not said
SAUVEGARDES_CLE_PUBLIQUE = public_key("SAUVEGARDES_CLE_PUBLIQUE")  # age; empty: archives are not encrypted
METRICS_JETON = token("METRICS_JETON")  # opens /metrics, and the counts of /sante/; empty: nobody has them

# Retention, in days unless said (RGP-06); printed on the privacy page.
CONSERVATION_MOTS_DE_PASSE_TEMPORAIRES = days("CONSERVATION_MOTS_DE_PASSE_TEMPORAIRES", 30)
CONSERVATION_DEMANDES = days("CONSERVATION_DEMANDES", 30)
CONSERVATION_JOURNAL = days("CONSERVATION_JOURNAL", 365)
CONSERVATION_PAI = days("CONSERVATION_PAI", 90)  # past its end; the time to renew it when school begins again
CONSERVATION_INSCRIPTIONS = days("CONSERVATION_INSCRIPTIONS", 365)  # past the end of their school year
CONSERVATION_DEPARTS = days("CONSERVATION_DEPARTS", 365)  # past the last day of school of the child
CONSERVATION_FACTURES = days("CONSERVATION_FACTURES", 3650)  # past the end of the year of their issue
CONSERVATION_COMPTES = days("CONSERVATION_COMPTES", 730)  # past the last use of an account without a child
# When what goes once a year goes, as (month, day): the school has said by then who is there. None: by hand alone.
PURGE_ANNUELLE = day_of_year("PURGE_ANNUELLE", "15/10")

# --- Language, time, files --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
FORMAT_MODULE_PATH = "portail.formats"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True
URLIZE_ASSUME_HTTPS = True  # an address that the town hall types without its scheme

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"  # of all versions, and of all portals that share this folder
STATIC_MANIFEST = f"staticfiles-{BASE_DIR.name}.json" if BESIDE.is_symlink() else "staticfiles.json"
STATICFILES_DIRS = [BASE_DIR / "static", ("captures", BASE_DIR / "docs" / "captures")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portail.feuilles.SheetFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portail.statiques.StaticStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site reads them: nothing of ours is on another host (HDR-03)

# --- Journal: one JSON line an event on stdout, apart from the application's own messages on stderr (LOG-02) ----------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"class": "portail.traces.SecretFormatter", "format": "%(levelname)s %(name)s %(message).500s"},
        "journal": {"()": "accounts.journal.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": sys.stderr},
        "journal": {"class": "logging.StreamHandler", "formatter": "journal", "stream": sys.stdout},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "journal": {"handlers": ["journal"], "level": "INFO", "propagate": False},
        "django.tasks": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}

# --- Production -------------------------------------------------------------------------------------------------------

refused = {name_of(sentence) for sentence in REGLAGES_REFUSES}
obstacles = production_obstacles(globals().__getitem__) if PRODUCTION else []
obstacles = [obstacle for obstacle in obstacles if name_of(obstacle) not in refused]  # said already
if is_diagnosis(sys.argv):
    REGLAGES_REFUSES += obstacles
    SECRET_KEY = SECRET_KEY or secrets.token_urlsafe(50)  # good for nothing but to go on
elif REGLAGES_REFUSES or obstacles:
    introduction = [f"{SITE_URL} ne peut pas ouvrir aux familles. Voir .env.example."] if obstacles else []
    raise ImproperlyConfigured("\n".join([*REGLAGES_REFUSES, *introduction, *obstacles]))
