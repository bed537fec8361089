# Two commands are enough to begin: `make demo` and `make test`. They need make and Python 3.12 or newer, nothing else.

PORT ?= 8000
PYTHON = .venv/bin/python
export PYTHONUTF8 = 1
unexport PYTHONDONTWRITEBYTECODE # each of the many programs that tests start would compile the portal again
PYTEST = $(PYTHON) -m pytest --numprocesses auto --dist worksteal
LONG = $(PYTHON) -m pytest -o faulthandler_timeout=3600
# A production as IT would describe it; only its secret key is drawn here.
PRODUCTION = ENV_FILE=.ci/production.env SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')

.DEFAULT_GOAL := aide
.PHONY: aide demo demo-neuve code demo-ville demo-ville-neuve code-ville test scripts test-complet test-long arbres temoins couverture bench bench-ville bench-soiree check install essai-installation

aide:
	@echo 'make demo          une école fictive, sur http://127.0.0.1:8000 (autre port : make demo PORT=8080)'
	@echo 'make demo-neuve    la même, en effaçant les données de la démonstration précédente'
	@echo 'make code COMPTE=1000009  le code du moment d’un agent de la démonstration, à la place de son téléphone'
	@echo 'make demo-ville    une ville fictive de trois écoles, ses données à part (demo-ville-neuve, code-ville de même)'
	@echo 'make test          ce qu’un changement peut casser, avec Python et SQLite seuls (et Node, s’il est là)'
	@echo 'make test-complet  tous les cas : plus PostgreSQL et les longs, le navigateur, l’accessibilité et la validité du HTML'
	@echo 'make test-long     ce qui se mesure en secondes ou dure des minutes, seul sur la machine ; pas dans .ci/run'
	@echo 'make arbres        récrit ce qui s’entend des pages de l’échantillon (tests/navigateur/arbres), à relire dans le diff'
	@echo 'make couverture    les lignes et les branches que les tests passent, par application, et les vingt fichiers les moins couverts'
	@echo 'make temoins       récrit les e-mails et les papiers tels qu’ils se lisent (tests/**/temoins), à relire dans le diff'
	@echo 'make bench         les temps de réponse, à côté d’une page vide (DATABASE_URL pour PostgreSQL)'
	@echo 'make bench-ville   vingt mille enfants sur PostgreSQL, par minutes ; TAILLE=0.1, GARDER=dossier pour les retrouver, AVANT=var/bench-ville.json'
	@echo 'make bench-soiree  le soir où l’année ouvre : 400 parents en 150 s, en 15 s, et de plus en plus vite ; SQLite puis PostgreSQL'
	@echo 'make check         style, types, imports, migrations, réglages de production, paquets figés'
	@echo 'make essai-installation SUITE=trixie  l’installation dans une Debian nue, démarrée à part ; ou noble ; root, par minutes'
	@echo 'make install       prépare seulement l’environnement .venv'

install:
	@sh install/install.sh requirements-dev.txt

demo:
	@sh install/install.sh requirements.txt
	@PORT='$(PORT)' exec $(PYTHON) -m portail.demo

demo-neuve:
	@sh install/install.sh requirements.txt
	@PORT='$(PORT)' exec $(PYTHON) -m portail.demo --neuve

code:
	@sh install/install.sh requirements.txt
	@exec $(PYTHON) -m portail.demo --code '$(COMPTE)'

demo-ville:
	@sh install/install.sh requirements.txt
	@PORT='$(PORT)' exec $(PYTHON) -m portail.demo --ville

demo-ville-neuve:
	@sh install/install.sh requirements.txt
	@PORT='$(PORT)' exec $(PYTHON) -m portail.demo --ville --neuve

code-ville:
	@sh install/install.sh requirements.txt
	@exec $(PYTHON) -m portail.demo --ville --code '$(COMPTE)'

test: install scripts
	@unset DATABASE_URL; exec $(PYTEST)

# The unit tests of static/js, in Node's own runner; the packages of npm are for the browser's tests alone.
scripts:
	@if node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; \
	then node --test --test-reporter=dot tests/js/*.test.mjs; \
	else echo 'Scripts laissés de côté : Node.js 20 ou plus récent n’est pas installé.'; fi

# Every case: those above; what is long (`ci`) and concerns SQLite or no database; all on PostgreSQL; what needs a browser
# or Java. A missing tool is a failure here.
test-complet: test
	@unset DATABASE_URL; exec $(PYTEST) -m 'ci and not lent and (une_fois or sqlite)'
	@.ci/with-postgresql $(PYTEST)
	@unset DATABASE_URL; exec $(PYTEST) --complet -m '(navigateur or java) and not lent' tests/navigateur

# Examples drawn at random, then what measures seconds or takes minutes, one test at a time, on both databases. By hand:
# .ci/run takes about 35 minutes, and tries the same examples each time.
test-long: install
	@unset DATABASE_URL; exec $(LONG) -m hypothesis --hypothesis-profile hasard
	@unset DATABASE_URL; exec $(LONG) --complet -m lent
	@.ci/with-postgresql $(LONG) --complet -m lent

arbres: install
	@unset DATABASE_URL; ARBRES=1 exec $(PYTHON) -m pytest -m navigateur tests/navigateur/test_arbres.py

# On SQLite, all but the browser's tests and those of `make test-long`.
couverture: install
	@unset DATABASE_URL; $(PYTEST) -m '(ci or not ci) and not (lent or navigateur or java)' --cov --cov-report=json:var/couverture.json
	@exec $(PYTHON) -m tests.couverture var/couverture.json

temoins: install
	@unset DATABASE_URL; TEMOINS=1 exec $(PYTHON) -m pytest -m temoin

bench:
	@sh install/install.sh requirements.txt
	@exec $(PYTHON) -m bench

bench-ville:
	@sh install/install.sh requirements.txt
	@GARDER='$(GARDER)' exec .ci/with-postgresql $(PYTHON) -m bench.ville $(if $(TAILLE),--taille '$(TAILLE)') $(if $(AVANT),--avant '$(AVANT)')

# A PostgreSQL of its own, that writes to the disk as a real one does.
bench-soiree:
	@sh install/install.sh requirements.txt
	@unset DATABASE_URL; exec $(PYTHON) -m bench.soiree
	@DURABLE=1 exec .ci/with-postgresql $(PYTHON) -m bench.soiree

check: install
	$(PYTHON) install/check_lock.py
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/djade --target-version 6.1 --check $$(find templates -name '*.html' ! -path 'templates/jinja2/*' ! -name _i.html ! -name _telephone.html ! -name _cantine.html ! -name _garderie.html) # those end inside a sentence
	.venv/bin/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	@echo 'manage.py check --deploy'
	@chmod 600 .ci/production.env # as the check wants it of a real one
	@$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

# install/installer on a bare system, booted apart; as root, by hand: it takes minutes, and packages from a mirror. Any
# Python does, without a package: an environment made by root would not be the developer's.
essai-installation:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12; do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || continue; \
	    exec "$$python" -B -m install.essai --suite '$(or $(SUITE),trixie)' $(if $(MIROIR),--miroir '$(MIROIR)') $(ESSAI); \
	done; echo 'Il faut Python 3.12 ou plus récent, et cette machine n’en a pas.' >&2; exit 1
