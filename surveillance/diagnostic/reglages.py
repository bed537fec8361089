"""What the settings say that families must not meet: an example left, a check of Django's that objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from django.conf import settings
from django.core import checks
from django.db import DEFAULT_DB_ALIAS

from portail.checks import production_obstacles
from portail.environnement import name_of
from portail.mots_inconnus import known, unknown_words
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu
from surveillance.diagnostic.refus import SEE, remedy_of

QUOI = "Réglages"
OF_SETTINGS = [checks.Tags.security, checks.Tags.compatibility]
SAID_ELSEWHERE = {"portail.W001", "portail.E001", "portail.W004", "portail.W006", "portail.W009"}


def check_obstacles(lieu: Lieu) -> Iterator[Point]:
    """The lines of the diagnosis on what stops a portal from starting: settings that cannot be read, then those that
    production must not have; a trial has one warning that it is one."""
    for sentence in settings.REGLAGES_REFUSES:
        yield mauvais(QUOI, sentence.removesuffix(SEE).strip(), *remedy_of(sentence, lieu))
    refused = {name_of(sentence) for sentence in settings.REGLAGES_REFUSES}
    obstacles = [found for found in production_obstacles(partial(getattr, settings)) if name_of(found) not in refused]
    if not settings.PRODUCTION:
        phrase = f"SITE_URL est {settings.SITE_URL}, sans https\u00a0: c’est un essai."
        if obstacles:
            phrase += (
                f" Avant d’ouvrir aux familles\u00a0: {len(obstacles)} réglages à revoir, dont {name_of(obstacles[0])}."
            )
        yield attention(QUOI, phrase, lieu.to_set("SITE_URL=https://VOTRE.ADRESSE"), lieu.reload)
        return
    for obstacle in obstacles:
        yield mauvais(QUOI, obstacle, lieu.to_set(f"{name_of(obstacle)}=…"), lieu.reload)
    if not obstacles and not refused:
        yield bon(QUOI, "aucune valeur d’exemple, rien qui empêche d’ouvrir aux familles.")


def is_refused(name: str) -> bool:
    """Whether the value given for the setting of this name was refused: what is read in its place is nobody's
    choice."""
    return any(name_of(sentence) == name for sentence in settings.REGLAGES_REFUSES)


def check_django(lieu: Lieu) -> Iterator[Point]:
    """In production, a line of the diagnosis for each thing that Django's `check --deploy` and the portal's own checks
    object to the settings, without those said elsewhere."""
    yield from _objections(lieu, OF_SETTINGS)


def check_rows(lieu: Lieu) -> Iterator[Point]:
    """The same of the checks that read the tables of the portal, which must be there."""
    yield from _objections(lieu, [checks.Tags.database], databases=[DEFAULT_DB_ALIAS])


def _objections(lieu: Lieu, tags: Sequence[str], databases: Sequence[str] | None = None) -> Iterator[Point]:
    if not settings.PRODUCTION:
        return
    found = checks.run_checks(tags=tags, include_deployment_checks=True, databases=databases)
    for message in sorted(found, key=lambda message: str(message.id)):  # Django keeps its checks in a set
        if message.id in SAID_ELSEWHERE or message.is_silenced():
            continue
        phrase = (
            message.msg if str(message.id).startswith("portail.") else f"Django ({message.id})\u00a0: {message.msg}"
        )
        judge = mauvais if message.is_serious() else attention
        if message.hint and str(message.id).startswith("portail."):  # it is not of .env
            yield judge(QUOI, phrase, message.hint)
        else:
            yield judge(QUOI, phrase, "Revoyez ce réglage dans .env, puis rechargez.", lieu.reload)


def check_words(lieu: Lieu) -> Iterator[Point]:
    """A warning of the diagnosis for each word of `.env` that the portal does not know, and so ignores; in a trial too,
    as a rehearsal is one."""
    for word in unknown_words(lieu.env, known()):
        remede = f"Corrigez ce mot dans {lieu.env}, ou retirez la ligne, puis rechargez."
        if word.proche:
            remede = f"Si c’est {word.proche}, corrigez-le dans {lieu.env}\u202f; sinon, retirez la ligne. Rechargez."
        yield attention("Mot inconnu", word.phrase, remede, f"{lieu.edit}\n{lieu.reload}")
