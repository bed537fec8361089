"""Who may read all about money and change nothing: each page opens, each of its buttons is refused."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Permission

from facturation.models import Deliberation, Encaissement, Facture, Tarif
from portail.dates import PARIS
from tests.clients import Client
from tests.ecole import make_ecole
from tests.factories import StaffFactory
from tests.facturation.mairie.quotients import known
from tests.writes import rows_written

NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
PAYEUR = "/admin/facturation/payeurs/{foyer}/"
RESIDENCES = "/admin/facturation/residences/"
VOTE = "/admin/facturation/deliberation/{deliberation}/change/"
RECU = "/admin/regie/recus/{recu}/"

# The page, what one of its buttons sends, and the setting under which it is there.
BUTTONS = [
    (PAYEUR, {"residence": "hors", "envoi": "papier"}, "regie"),
    (PAYEUR, {"annuler": "{quotient}"}, "regie"),
    (PAYEUR, {"partager": "{enfant}", "p{enfant}-part-{foyer}": "100"}, "regie"),
    (RESIDENCES, {"commune": "{foyer}"}, "regie"),
    (RESIDENCES, {"toutes": "hors"}, "regie"),
    ("/admin/facturation/quotients/", {"{foyer}-qf": "742", "{foyer}-src": "caf"}, "regie"),
    ("/admin/facturation/mois/2026-12/", {"lu": "1", "total": "0,80"}, "regie"),
    ("/admin/facturation/absences/", {"journees": "2026-12-01 1", "r": "excusee", "raison": "maladie"}, "regie"),
    ("/admin/facturation/signalements/", {"signalement": "1", "reponse": "Corrigé."}, "regie"),
    (VOTE, {"reference": "2026-99"}, "regie"),
    (VOTE, {"geste": "supprimer"}, "regie"),
    ("/admin/facturation/tarif/{tarif}/change/", {"geste": "supprimer"}, "regie"),
    (RECU, {"envoyer": "1"}, "regie"),
    ("/admin/regie/relances/", {"reprendre": "{facture}"}, "regie"),
    ("/admin/regie/titres/", {"reprendre": "{facture}"}, "titre"),
]
# What only who exports is given, or who holds the money is shown.
KEPT = [
    ("/admin/facturation/mois/2026-12/lignes/", "regie"),
    ("/admin/facturation/mois/2026-12/factures/", "regie"),
    ("/admin/facturation/chiffres/tableau/", "regie"),
    ("/admin/regie/journal/tableau/", "regie"),
    ("/admin/regie/relances/envoyer/", "regie"),
    ("/admin/regie/relances/tresorerie/", "regie"),
    ("/admin/regie/titres/?format=csv", "titre"),
    ("/admin/regie/", "regie"),
    (f"{RECU}corriger/", "regie"),
]


@pytest.fixture
def rows(time_machine, db) -> dict[str, object]:
    """One row of every model, by the name that an address gives it."""
    time_machine.move_to(NOW, tick=False)
    lea = make_ecole(NOW)
    camille = lea.responsables.get()
    return {
        "foyer": camille.foyer_id,
        "enfant": lea.pk,
        "quotient": known(camille).pk,
        "tarif": Tarif.objects.get().pk,
        "deliberation": Deliberation.objects.get().pk,
        "facture": Facture.objects.get().numero,
        "recu": Encaissement.objects.latest("pk").numero,
    }


@pytest.fixture
def lecteur(rows) -> Client:
    agent = StaffFactory(is_superuser=False)
    agent.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(agent)
    return client


def test_reader_of_money_opens_each_page_and_changes_nothing(lecteur, rows, settings):
    wrong = []
    for page, fields, settings.ENCAISSEMENT in BUTTONS:
        address = page.format(**rows)
        sent = {name.format(**rows): value.format(**rows) for name, value in fields.items()}
        opened = lecteur.get(address).status_code
        with rows_written() as written:
            refused = lecteur.post(address, sent).status_code
        if (opened, refused, written) != (200, 403, []):
            wrong.append((page, fields, opened, refused, written))

    assert wrong == []


def test_reader_of_money_is_given_no_file_and_no_till(lecteur, rows, settings):
    answers = {}
    for page, settings.ENCAISSEMENT in KEPT:
        answers[page] = lecteur.get(page.format(**rows)).status_code

    assert answers == dict.fromkeys(answers, 403)
