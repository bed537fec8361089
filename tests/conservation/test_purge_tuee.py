"""A purge that is killed: for each family all or nothing, the figures to the unit, and the next one ends it."""

import os
import random
import signal
import subprocess
import sys
from datetime import date, datetime

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from conservation.annuelle import purger
from conservation.models import Effacement
from enfance.mairie.chiffres import load_chiffres
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Decompte,
    Enfant,
    Foyer,
    FoyerCompte,
    Inscription,
    Pointage,
    Responsable,
    Scolarite,
)
from portail.dates import PARIS
from portail.durees import Cadence
from portail.extensions import Extension
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    ResponsableFactory,
    ScolariteFactory,
    make_creneaux,
    make_enfant,
)
from tests.races import at_once

pytestmark = [pytest.mark.ci, pytest.mark.sqlite]

FAMILLES, JOURS = 5, [date(2026, 12, 7), date(2026, 12, 10), date(2026, 12, 11)]
OUVERT = date(2028, 10, 15)


@pytest.fixture
def tueur():
    """Purges, killed after so many writes; how each ended."""
    base = connection.settings_dict
    url = (
        f"sqlite:///{base['NAME']}"
        if connection.vendor == "sqlite"
        else f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{base['NAME']}"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.conservation.purge_tuee"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def purge(writes: int) -> int:
        process.stdin.write(f"{writes}\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    with process:
        yield purge
        process.stdin.close()


def make_ecole() -> dict[int, tuple[int, int, int]]:
    """Families whose child left in July 2027, and one that stays; the keys of those that leave, by child."""
    for model in (Decompte, FoyerCompte, Effacement, Pointage, Inscription, Enfant, Responsable, User, Foyer):
        model.objects.all().delete()
    annee = AnneeScolaire.objects.order_by("debut").first() or AnneeFactory()
    en_cours = AnneeScolaire.objects.filter(debut__year=2028).first()
    en_cours = en_cours or AnneeFactory(debut=date(2028, 9, 1), fin=date(2029, 7, 3))
    soir = Creneau.objects.filter(code="soir").first() or make_creneaux()["soir"]
    classe = annee.classes.first() or ClasseFactory(annee=annee)
    familles = {}
    for rang in range(FAMILLES + 1):
        adulte = ResponsableFactory()
        enfant = make_enfant(adulte, annee=annee)
        Scolarite.objects.filter(enfant=enfant).update(classe=classe)
        for jour in JOURS:
            Inscription.objects.create(enfant=enfant, jour=jour, creneau=soir, foyer=adulte.foyer)
            venue = datetime(jour.year, jour.month, jour.day, 16, 40, tzinfo=PARIS)
            Pointage.objects.create(
                enfant=enfant, jour=jour, creneau=soir, present=True, arrivee=venue, arrivee_recue=venue
            )
        if rang == FAMILLES:
            la = en_cours.classes.first() or ClasseFactory(annee=en_cours)
            ScolariteFactory(enfant=enfant, annee=en_cours, classe=la)
        else:
            familles[enfant.pk] = (adulte.foyer_id, adulte.pk, adulte.user_id)
    return familles


def left(familles) -> int:
    """How many families are there, each whole: the days of a child, its home, its adult and its account."""
    n = 0
    for enfant, (foyer, adulte, compte) in familles.items():
        la = [
            Enfant.objects.filter(pk=enfant).exists(),
            Foyer.objects.filter(pk=foyer).exists(),
            Responsable.objects.filter(pk=adulte).exists(),
            User.objects.filter(pk=compte).exists(),
        ]
        assert la in ([True] * 4, [False] * 4)
        jours = [model.objects.filter(enfant=enfant).count() for model in (Inscription, Pointage)]
        assert jours in ([3, 3], [0, 0])
        n += la[0]
    assert Effacement.objects.count() == 4 * (len(familles) - n)
    return n


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.lent)])
def test_purge_killed_anywhere_is_old_or_new_for_each_family(tueur, kills):  # REL-05
    draws = random.Random(kills)
    familles = make_ecole()
    figures = load_chiffres(AnneeScolaire.objects.earliest("debut"), date(2026, 12, 1), today=OUVERT)
    assert (figures.total_mois.total.inscrits, figures.familles) == (18, 6)
    done, alive = 0, len(familles)
    while done < kills:
        end = tueur(draws.randrange(1, 120))
        now_alive = left(familles)
        annee = AnneeScolaire.objects.earliest("debut")
        assert load_chiffres(annee, date(2026, 12, 1), today=OUVERT) == figures
        assert end in (0, -signal.SIGKILL)
        assert now_alive <= alive
        done, alive = done + (end != 0), now_alive
        if end == 0:
            assert alive == 0
            familles = make_ecole()
            alive = len(familles)
    assert tueur(10**6) == 0
    assert left(familles) == 0
    assert load_chiffres(AnneeScolaire.objects.earliest("debut"), date(2026, 12, 1), today=OUVERT) == figures


@pytest.mark.django_db(transaction=True)
def test_purges_at_once_count_each_child_once():  # REL-05
    familles = make_ecole()
    figures = load_chiffres(AnneeScolaire.objects.earliest("debut"), date(2026, 12, 1), today=OUVERT)
    now = datetime(2028, 10, 15, 3, 30, tzinfo=PARIS)
    at_once(*[lambda: purger(Extension.installed().durees_of(Cadence.AN), now=now)] * 3)
    assert left(familles) == 0
    assert load_chiffres(AnneeScolaire.objects.earliest("debut"), date(2026, 12, 1), today=OUVERT) == figures
