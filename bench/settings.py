"""The portal's own settings, on a database of the bench, with an empty page to compare with and its queries counted."""

from portail.settings import *  # noqa: F403
from portail.settings import BASE_DIR, DATABASES, MIDDLEWARE

BENCH_DIR = BASE_DIR / "var" / "bench"

ROOT_URLCONF = "bench.urls"
MIDDLEWARE = ["bench.urls.QueryCountMiddleware", *MIDDLEWARE]

# Whatever DATABASE_URL names, this one is made and dropped by the bench: no town's data are ever touched.
base = DATABASES["default"]
is_sqlite = base["ENGINE"] == "django.db.backends.sqlite3"
name = str(BENCH_DIR / "portail.sqlite3") if is_sqlite else f"{base['NAME']}_bench"
DATABASES = {"default": base | {"NAME": name, "TEST": {"NAME": name}}}
