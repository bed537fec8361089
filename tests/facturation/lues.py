"""What each family reads of what it owes, and that the ledger says the same."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, time
from types import SimpleNamespace
from typing import Any

from enfance.models import Responsable
from facturation.factures.liste import load_liste
from facturation.famille.accueil import a_payer
from facturation.models import Compte
from facturation.montants import centimes_of
from facturation.payeurs.comptes import soldes, with_reunis
from facturation.payeurs.sans_facture import load_sans_facture
from facturation.regie.relances.lecture import load_retards
from portail.dates import instant
from tests.reading import plain

PLUS_TARD = date(2028, 12, 3)  # all terms are past
SOMME = re.compile(r": (\d[\d ]*,\d\d €)")


def check_what_families_read() -> None:
    """On its invoices, on its home, in the reminders: what each home owes, or has in credit."""
    rappelees: Counter[int] = Counter()
    retards = load_retards(PLUS_TARD)
    for rappel in [*retards.premiers, *retards.sous_minimum]:
        rappelees[rappel.payeur.pk] += rappel.reste
    sans_facture = load_sans_facture()
    for compte in Compte.objects.filter(reuni_dans=None).exclude(foyer=None):
        siens = list(Compte.objects.filter(pk__in=with_reunis([compte.pk])))
        solde = sum(soldes(siens).values())
        liste = load_liste(siens, PLUS_TARD)
        seul = liste.sans_facture.reste if liste.sans_facture else 0
        assert sum(due.reste for due in liste.dues) + seul - liste.credit == solde
        assert rappelees[compte.pk] + sans_facture.get(compte.pk, 0) == max(solde, 0)
        responsable = Responsable(foyer_id=compte.foyer_id)
        page: Any = SimpleNamespace(user=SimpleNamespace(responsable=responsable))
        affaires = [plain(affaire.texte) for affaire in a_payer(page, instant(PLUS_TARD, time(9)))]
        assert sum(centimes_of(somme) for texte in affaires for somme in SOMME.findall(texte)) == max(solde, 0)
