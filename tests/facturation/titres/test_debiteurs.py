"""Who owes a title: one person, said once where a home has two adults; and on which accounts it goes."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry

from enfance.models import Creneau, Responsable
from facturation.models import Compte, Prestation, ReglageFacturation, Relance
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import imputer_credits
from facturation.titres.debiteurs import compter_debiteurs, confirmer_debiteur, load_debiteurs
from facturation.titres.listes import SANS_DEBITEUR, load_titres, remettre_titres
from tests.factories import ResponsableFactory, make_creneaux
from tests.facturation.caisse import JEUDI, make_facture, make_mois
from tests.facturation.factures.conftest import client_of
from tests.reading import messages_of, plain, words_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/regie/titres/"
DEBITEURS, IMPUTATIONS = f"{PAGE}debiteurs/", f"{PAGE}imputations/"
NOVEMBRE = "2026-11"
PLUS_TARD = JEUDI + timedelta(days=30)


@pytest.fixture(autouse=True)
def titre(settings):
    settings.ENCAISSEMENT = "titre"


@pytest.fixture
def camille():
    return ResponsableFactory(user__first_name="Camille", user__last_name="Morel", civilite="mme")


@pytest.fixture
def karim(camille):
    """The other adult of her home."""
    return ResponsableFactory(user__first_name="Karim", user__last_name="Benali", foyer=camille.foyer)


@pytest.fixture
def facture(camille):
    return make_facture(compte_of(camille.foyer), 5150, mois=make_mois())


def liste(client, **query):
    texte = client.get(PAGE, {"format": "csv", "mois": NOVEMBRE} | query).content.decode("utf-8-sig")
    return [{nom: plain(dit) for nom, dit in une.items()} for une in csv.DictReader(io.StringIO(texte), delimiter=";")]


def qui(ligne):
    return ligne["Civilité"], ligne["Nom"], ligne["Prénom"]


def test_only_adult_of_a_home_owes(facture, regie):
    [ligne] = liste(regie)

    assert (ligne["Nature"], *qui(ligne)) == ("titre", "Mme", "Morel", "Camille")
    assert compter_debiteurs(JEUDI).nombre == 0


def test_title_waits_until_one_of_two_adults_is_said(facture, karim, regie):
    [attente] = load_titres().attendent
    assert (attente.attente, load_titres().a_remettre) == (SANS_DEBITEUR, [])
    assert compter_debiteurs(JEUDI).nombre == 1
    assert remettre_titres([NOVEMBRE], None, JEUDI) == []
    page = regie.get(DEBITEURS)
    assert "À dire (1)" in words_of(page)
    assert [mots for _, mots in page.context["vus"].a_dire[0].choix] == [
        "Mme Camille Morel",
        "Mme Karim Benali",
        "M. Karim Benali",
    ]

    reponse = regie.post(DEBITEURS, {"payeur": facture.compte_id, "debiteur": f"{karim.pk}:m"}, follow=True)

    assert messages_of(reponse) == ["M. Karim Benali doit les titres de Camille Morel et Karim Benali."]
    assert qui(liste(regie)[0]) == ("M.", "Benali", "Karim")
    assert (compter_debiteurs(JEUDI).nombre, load_debiteurs().nombre) == (0, 0)
    assert LogEntry.objects.filter(content_type__model="foyer").count() == 1


def test_debtor_who_left_the_home_is_to_be_said_again(facture, karim, camille):
    autre = ResponsableFactory(foyer=camille.foyer)
    assert confirmer_debiteur(facture.compte_id, karim.pk, "m")

    Responsable.objects.filter(pk=karim.pk).update(foyer=ResponsableFactory().foyer)

    assert [titre.attente for titre in load_titres().attendent] == [SANS_DEBITEUR]
    assert autre in {*camille.foyer.responsables.all()}


def test_adult_of_another_home_owes_nothing(facture, karim, regie):
    ailleurs = ResponsableFactory(civilite="m")

    for envoi in (
        {"payeur": facture.compte_id, "debiteur": f"{ailleurs.pk}:m"},
        {"payeur": facture.compte_id, "debiteur": f"{karim.pk}:x"},
        {"payeur": facture.compte_id, "debiteur": ""},
        {"payeur": "x", "debiteur": f"{karim.pk}:m"},
        {},
    ):
        assert regie.post(DEBITEURS, envoi).status_code == 303
    assert Compte.objects.get(pk=facture.compte_id).debiteur is None
    assert LogEntry.objects.count() == 0


def test_civility_is_asked_of_who_owes(facture, camille, regie):
    Responsable.objects.update(civilite="")
    assert "Madame ou monsieur" in words_of(regie.get(DEBITEURS))

    regie.post(DEBITEURS, {"payeur": facture.compte_id, "debiteur": f"{camille.pk}:mme"})

    assert "Madame ou monsieur" not in words_of(regie.get(DEBITEURS))
    assert qui(liste(regie)[0]) == ("Mme", "Morel", "Camille")


def test_list_that_was_handed_over_keeps_who_owed_that_day(facture, camille, karim, regie):
    confirmer_debiteur(facture.compte_id, karim.pk, "m")
    assert remettre_titres([NOVEMBRE], None, JEUDI)
    confirmer_debiteur(facture.compte_id, camille.pk, "mme")

    cle = Relance.objects.get().pk
    fichier = regie.get("/admin/regie/relances/tresorerie/", {"remise": cle, "format": "csv"})

    assert ";M.;Benali;Karim;" in fichier.content.decode("utf-8-sig").replace('"', "")


def test_erased_debtor_is_to_be_said_again(facture, karim, camille):
    confirmer_debiteur(facture.compte_id, karim.pk, "m")

    karim.delete()

    assert Compte.objects.get(pk=facture.compte_id).debiteur is None


# --- Accounts ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def soir_et_midi(facture):
    """31,50 € of evenings, 20 € of noons."""
    make_creneaux()
    for code, montant in (("soir", 3150), ("midi", 2000)):
        Prestation.objects.create(
            facture=facture,
            mois=facture.mois,
            compte=facture.compte,
            cle_enfant=1,
            jour=facture.mois.premier,
            creneau=Creneau.objects.get(code=code),
            nature="seance",
            prix=montant,
            entier=montant,
            montant=montant,
        )


def champs(dits):
    """What the form sends: « i » and « c » of each créneau."""
    creneaux = {creneau.code: creneau.pk for creneau in Creneau.objects.all()}
    vides = {f"{lettre}{cle}": "" for cle in creneaux.values() for lettre in "ic"}
    return vides | {f"{lettre}{creneaux[code]}": dit for (code, lettre), dit in dits.items()}


def test_list_says_the_account_of_each_moment(soir_et_midi, regie):
    assert liste(regie)[0]["Imputations"] == ""

    secretariat = client_of("Secrétariat")
    envoi = champs({("soir", "i"): "7067", ("soir", "c"): "GARD", ("midi", "i"): "70848"})
    assert messages_of(secretariat.post(IMPUTATIONS, envoi, follow=True)) == [
        "Les imputations sont enregistrées. Les listes déjà remises restent comme elles étaient."
    ]
    assert liste(regie)[0]["Imputations"] == "7067 GARD : 31,50 €, 70848 : 20,00 €"

    secretariat.post(IMPUTATIONS, champs({("soir", "i"): "7067"}))
    assert liste(regie)[0]["Imputations"] == "7067 : 31,50 €, à dire : 20,00 €"


def test_account_has_no_sign_that_a_treasury_refuses(soir_et_midi, regie):
    client = client_of("Secrétariat")

    page = client.post(IMPUTATIONS, champs({("soir", "i"): "7067é;"}))

    assert (page.status_code, ReglageFacturation.objects.exists()) == (200, False)
    assert "Des lettres sans accent" in words_of(page)
    assert regie.post(IMPUTATIONS, champs({})).status_code == 403


# --- Avoirs -----------------------------------------------------------------------------------------------------------


def test_avoir_is_netted_against_a_title_that_was_not_handed_over(facture, regie):
    make_facture(facture.compte, -150, origine=facture)
    imputer_credits([facture.compte_id], JEUDI)

    [ligne] = liste(regie)
    assert (ligne["Nature"], ligne["À réclamer"]) == ("titre", "50,00")
    assert "À réduire" not in words_of(regie.get(PAGE))


def test_avoir_of_a_title_that_was_handed_over_is_listed_to_reduce_it(facture, regie):
    assert remettre_titres([NOVEMBRE], None, JEUDI)
    avoir = make_facture(facture.compte, -150, origine=facture)
    imputer_credits([facture.compte_id], JEUDI)

    [ligne] = liste(regie)
    assert (ligne["Facture"], ligne["Nature"], ligne["À réclamer"]) == (facture.numero, "à réduire", "-1,50")
    assert f"{facture.numero}, avoir {avoir.numero} −1,50 €" in words_of(regie.get(PAGE))
    assert remettre_titres([NOVEMBRE], None, PLUS_TARD)
    assert load_titres().a_remettre == []


def test_title_to_reduce_does_not_wait_for_a_debtor(facture, karim):
    confirmer_debiteur(facture.compte_id, karim.pk, "m")
    assert remettre_titres([NOVEMBRE], None, JEUDI)
    Compte.objects.update(debiteur=None)
    make_facture(facture.compte, -150, origine=facture)
    imputer_credits([facture.compte_id], JEUDI)

    assert [titre.montant for titre in load_titres().a_reduire] == [-150]
