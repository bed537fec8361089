"""Erasing people: what goes, what stays without saying who, what stays; all or nothing (RGP-08)."""

from datetime import date, datetime

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry

from accounts.models import User
from conservation.effacement import apercu, effacer
from conservation.models import Effacement
from enfance.famille.effacement import apercu_famille
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Enfant, Enregistrement, Foyer, Inscription, Responsable
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.effacements import Effacements, reste
from portail.extensions import Extension
from tests.factories import AnneeFactory, ClasseFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
INSCRIT = Inscription.Etat.INSCRIT


@pytest.fixture
def camille(time_machine):
    """Camille Morel, alone with Léa and Tom."""
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__identifiant="2000001", telephone="06 39 98 00 12")
    for prenom in ("Léa", "Tom"):
        make_enfant(camille, prenom=prenom)
    return camille


def keys(camille):
    enfants = set(camille.enfants.values_list("pk", flat=True))
    return {
        "enfance.Enfant": enfants,
        "enfance.Responsable": {camille.pk},
        "accounts.User": {camille.user_id},
        "enfance.Foyer": {camille.foyer_id},
    }


def rows():
    """Every row of every table."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in apps.get_models()}


def test_family_goes_and_its_keys_stay(camille):
    cle = Cle(camille.enfants.get(prenom="Léa").pk, date(2026, 12, 8), "soir")
    enregistrer([Changement(cle, INSCRIT)], Acteur.parent(camille), now=NOW)
    cles = keys(camille)
    bilan = effacer(cles, now=NOW)
    assert [model.objects.count() for model in (User, Responsable, Foyer, Enfant, Inscription, Enregistrement)] == [
        0
    ] * 6
    assert {(e.modele, e.cle) for e in Effacement.objects.all()} == {(m, pk) for m, pks in cles.items() for pk in pks}
    assert dict(bilan.effaces)["enfants"] == 2


def test_issued_paper_stays_for_a_reason_that_is_said(camille, adds):
    """As an app that issues invoices will say of its own."""
    cle = Cle(camille.enfants.get(prenom="Léa").pk, date(2026, 12, 8), "soir")
    enregistrer([Changement(cle, INSCRIT)], Acteur.parent(camille), now=NOW)
    facture = {"enfance.Enregistrement.foyer": reste("Les factures émises\u00a0: dix ans.")}
    adds("portail", Extension(effacements=Effacements(colonnes={"enfance.Foyer": facture})))
    assert effacer(keys(camille), now=NOW).gardes == ("Les factures émises\u00a0: dix ans.",)


def test_what_is_better_done_before_is_said_once(camille, adds):
    """As an app to which the family still owes money."""
    dettes = dict.fromkeys(
        ("enfance.Enregistrement.foyer", "enfance.Inscription.foyer"),
        lambda lien: lien.demande.avertit("Encaissez d’abord."),
    )
    adds("portail", Extension(effacements=Effacements(colonnes={"enfance.Foyer": dettes})))
    assert apercu_famille(camille.user_id, now=NOW).avis[0] == "Encaissez d’abord."
    assert effacer(keys(camille), now=NOW).avis == ("Encaissez d’abord.",)


def test_table_that_nobody_registered_is_a_mistake(camille):
    with pytest.raises(ValueError, match="enfance.Garde"):
        effacer({"enfance.Garde": {1}}, now=NOW)


def test_erasing_what_is_not_there_changes_nothing(camille):
    before = rows()
    effacer({"enfance.Enfant": {999}}, now=NOW)
    assert {name: told for name, told in rows().items() if told != before[name]}.keys() == {"conservation.Effacement"}


def test_preview_changes_nothing(camille):
    before = rows()
    bilan = apercu(keys(camille), now=NOW)
    assert dict(bilan.effaces)["comptes"] == 1
    assert rows() == before


@pytest.mark.parametrize("nom", ["Sorbier", "Soir", "Noël"])
def test_words_of_the_school_stay_where_a_family_has_them_for_a_name(camille, nom):
    """A teacher, a moment of the day, holidays."""
    ClasseFactory()
    User.objects.filter(pk=camille.user_id).update(last_name=nom)
    Enfant.objects.update(nom=nom)
    mots = ["CE1-CE2 Mme Sorbier", "Ugo\u00a0: soir ajouté", "Vacances de Noël", f"Camille {nom}"]
    for mot in mots:
        LogEntry.objects.create(user=StaffFactory(), object_repr=mot, action_flag=CHANGE)
    effacer(keys(camille), now=NOW)
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {*mots[:3], "(effacé)"}
