"""What is brought to the treasury: chosen by means and by receipt, counted, then written; nothing when it changed."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from facturation.models import Encaissement, Regie, Versement
from facturation.regie.annulations import refus_change
from facturation.regie.encaissements import EncaissementRefuse, a_verser, annuler, encaisser, verser
from facturation.regie.versements.lecture import Caisse, load_preparation
from facturation.regie.versements.seuils import load_avis
from facturation.verification import verifier
from tests.facturation.caisse import JEUDI, make_compte
from tests.reading import html_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/regie/versement/"
VIDE = {"b100": "", "b50": "", "b20": "", "b10": "", "b5": "", "pieces": ""}


def receive(compte, montant, moyen="cheque", **fields):
    return encaisser(compte, moyen, montant, par=None, **{"now": JEUDI, **fields})


@pytest.fixture
def till():
    """38,35 € of cash in two receipts, two cheques of 40,00 €, 30,00 € of CESU."""
    compte = make_compte()
    receive(compte, 3000, "especes")
    receive(compte, 835, "especes")
    receive(compte, 4000)
    receive(compte, 4000)
    receive(compte, 3000, "cesu", titres=3)
    return compte


def recount(client, **fields):
    """The page counted again, as the button without a script does; its fields, to be sent back."""
    data = {"verse_le": "2026-12-03", "comptes": "", "moyens": ["especes"], **VIDE, **fields}
    page = client.post(PAGE, data | {"recompter": "1"})
    return page, data | {"comptes": page.context["preparation"].comptes}


def bring(client, data, **fields):
    return client.post(PAGE, data | {"verser": "1"} | fields, follow=True)


def test_page_opens_with_the_cash_alone(regie, till):
    page = regie.get(PAGE)
    preparation = page.context["preparation"]
    assert [(moyen.code, moyen.choisi, moyen.montant) for moyen in preparation.moyens] == [
        ("especes", True, 3835),
        ("cheque", False, 8000),
        ("cesu", False, 3000),
    ]
    assert preparation.verbe == "Verser 38,35\u202f€, en espèces"
    dit = html_of(page)
    assert "Il reste 110,00 € : 2 chèques (80,00 €) et 1 reçu de CESU (30,00 €)." in dit
    assert "depuis le 3 décembre, 3 titres" in dit


def test_cheques_alone_leave_and_the_rest_stays(regie, till):
    page, data = recount(regie, moyens=["cheque"])
    assert page.context["preparation"].verbe == "Verser 80,00\u202f€, en chèques"
    assert "2. Compter la caisse" not in page.text
    assert not Versement.objects.exists()

    slip = bring(regie, data)

    fait = Versement.objects.get()
    assert slip.redirect_chain == [(f"/admin/regie/versements/{fait.pk}/", 302)]
    assert (fait.numero, fait.total, fait.ecrit_par.last_name) == ("V-2026-0001", 8000, "Garnier")
    assert "2\u00a0reçus ne s’annulent plus" in slip.text
    assert sorted(recu.moyen for recu in a_verser(JEUDI.date())) == ["cesu", "especes", "especes"]
    assert not list(verifier())
    assert "Bordereau de versement" in slip.text


def test_cash_leaves_once_it_is_counted(regie, till):
    _, data = recount(regie)
    refus = bring(regie, data)
    assert "Comptez d’abord la caisse" in refus.text
    assert not Versement.objects.exists()

    page, data = recount(regie, b20="1", b10="1", pieces="8,35")
    assert "Égal aux 2 reçus d’espèces." in html_of(page)
    assert 'value="8,35"' in page.text
    bring(regie, data)

    assert Versement.objects.get().total == 3835
    assert LogEntry.objects.get(content_type__model="versement").change_message == "Versement."


def test_cash_that_does_not_match_is_written_once_it_is_confirmed(regie, till):
    page, data = recount(regie, b20="1", b10="1", pieces="3,35")
    assert "Il manque 5,00 €, pour 2 reçus d’espèces" in html_of(page)
    refus = bring(regie, data)
    assert "Il manque 5,00 €" in html_of(refus)
    assert refus.context["form"]["pieces"].value() == "3,35"
    assert not Versement.objects.exists()

    bring(regie, data, ecart="on")

    assert Versement.objects.get().total == 3835
    dit = LogEntry.objects.get(content_type__model="versement").change_message
    assert dit == "Versement. Caisse comptée\u00a0: 33,35\u202f€, écart de −5,00\u202f€."


def test_receipt_is_kept(regie, till):
    garde = Encaissement.objects.get(montant=835)
    page, data = recount(regie, moyens=["especes", "cheque"], de_cote=[garde.pk], b20="1", b10="1")
    assert page.context["preparation"].verbe == "Verser 110,00\u202f€, en espèces et chèques"
    assert "1 reçu d’espèces (8,35 €) et 1 reçu de CESU (30,00 €)" in html_of(page)

    bring(regie, data)

    garde.refresh_from_db()
    assert (garde.versement, Versement.objects.get().total) == (None, 11000)


@pytest.mark.parametrize("geste", ["encaisser", "annuler", "verser", "cocher"])
def test_what_changed_since_the_count_is_said_and_nothing_is_written(regie, till, geste):
    _, data = recount(regie, moyens=["cheque"])
    if geste == "encaisser":
        dit = f"{receive(till, 500).numero} s’y ajoute"
    elif geste == "annuler":
        parti = Encaissement.objects.filter(moyen="cheque").first()
        annuler(parti, "non signé", None, JEUDI)
        dit = f"{parti.numero} n’y est plus"
    elif geste == "verser":
        verser(JEUDI.date(), None, JEUDI, moyens=["cheque"])
        dit = "R-2026-0003 et R-2026-0004 n’y sont plus"
    else:
        data["moyens"] = ["cheque", "cesu"]
        dit = "R-2026-0005 s’y ajoute"

    page = bring(regie, data)

    assert f"Ce qui part a changé depuis le compte : {dit}. Rien n’est versé : relisez, puis versez." in html_of(page)
    assert Versement.objects.count() == (1 if geste == "verser" else 0)
    assert page.context["preparation"].comptes != data["comptes"]


def test_versement_sent_twice_is_written_once(regie, till):
    _, data = recount(regie, moyens=["cheque"])
    bring(regie, data)
    assert "n’y sont plus" in bring(regie, data).text
    assert Versement.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "phrase"),
    [
        ({"verse_le": ""}, "Choisissez le jour du versement"),
        ({"verse_le": "demain"}, "à corriger"),
        ({"verse_le": "2026-12-04"}, "Un versement n’est pas de demain"),
        ({"moyens": ["payfip"]}, "Sélectionnez un choix valide"),
        ({"de_cote": ["x"]}, "Sélectionnez un choix valide"),
        ({"comptes": "1,x,9999999999999999999999"}, "a changé depuis le compte"),
        ({"moyens": []}, "a changé depuis le compte"),
    ],
)
def test_bad_input_is_said_and_nothing_is_written(regie, till, fields, phrase):
    _, data = recount(regie, moyens=["cheque"])
    assert phrase in bring(regie, data, **fields).text
    assert not Versement.objects.exists()


@pytest.mark.parametrize("compte", ["-1", "deux", "1,5", "99999"])
def test_bad_count_is_said_and_kept(regie, till, compte):
    page, _ = recount(regie, b50=compte)
    assert page.context["form"].errors
    assert page.context["form"]["b50"].value() == compte


def test_nothing_is_brought_when_nothing_leaves(regie, till):
    page, data = recount(regie, moyens=[])
    assert "Cochez ce qui part, puis Recompter." in page.text
    assert "Il n’y a rien à verser" in bring(regie, data).text
    assert not Versement.objects.exists()


def test_form_without_its_fields_writes_nothing(regie, till):
    assert "n’est pas arrivé tel que" in regie.post(PAGE, {"verser": "1"}).text
    assert not Versement.objects.exists()


def test_day_before_takes_what_had_come(regie, till):
    hier = JEUDI - timedelta(days=1)
    receive(till, 700, now=hier)
    page, data = recount(regie, moyens=["cheque"], verse_le="2026-12-02")
    assert page.context["preparation"].total == 700
    bring(regie, data)
    assert Versement.objects.get().total == 700


def test_page_without_anything_to_bring(regie):
    assert "Rien à verser pour l’instant" in regie.get(PAGE).text


def test_page_has_as_many_queries_with_few_receipts_as_with_many(regie, till, django_assert_num_queries):
    regie.get(PAGE)
    for _ in range(2):
        with django_assert_num_queries(9):
            regie.get(PAGE)
        receive(make_compte(), 700, "especes")


def test_sentence_of_the_count():
    assert Caisse(None, 100, 1).phrase == ""
    assert Caisse(100, 100, 1).phrase == "Égal au reçu d’espèces."
    assert Caisse(150, 100, 1).phrase.startswith("Il y a 0,50\u202f€ de trop, pour 1\u00a0reçu d’espèces")


def test_sentence_of_what_changed_names_a_few(till):
    recus = a_verser(JEUDI.date())
    assert refus_change(recus, [recu.pk for recu in recus]) == ""
    assert "R-2026-0001, R-2026-0002, R-2026-0003 et 2 autres s’y ajoutent" in refus_change(recus, [])
    assert load_preparation(JEUDI.date(), ["cheque"], ()).has_especes is False


def test_counted_receipts_are_read_again_by_the_writer(till):
    vus = [recu.pk for recu in a_verser(JEUDI.date())]
    receive(till, 100)
    with pytest.raises(EncaissementRefuse, match="s’y ajoute"):
        verser(JEUDI.date(), None, JEUDI, comptes=vus)
    assert verser(JEUDI.date(), None, JEUDI, moyens=["cesu"], comptes=vus[-1:]).total == 3000


# --- When to bring ----------------------------------------------------------------------------------------------------


def things(client):
    return {
        chose.texte: (chose.nombre, chose.detail, chose.adresse) for chose in client.get("/admin/").context["choses"]
    }


def test_ceiling_that_is_reached_is_to_be_dealt_with(regie, till):
    assert not [texte for texte in things(regie) if "plafond" in texte]
    Regie.objects.create(acte="arrêté 12", acte_du=date(2026, 1, 5), plafond_especes=3836)
    assert not [texte for texte in things(regie) if "plafond" in texte]
    Regie.objects.update(plafond_especes=3835)

    chose = things(regie)["plafond d’espèces atteint\u00a0: à verser"]
    page = regie.get(PAGE)

    assert chose == (1, "Espèces en caisse\u00a0: 38,35\u202f€, pour un plafond de 38,35\u202f€", PAGE)
    assert "Le plafond d’espèces est atteint" in page.text


@pytest.mark.parametrize(("jours", "dit"), [(30, ""), (31, "31\u00a0jours sans versement")])
def test_month_without_versement_is_to_be_dealt_with(regie, jours, dit):
    receive(make_compte(), 700, now=JEUDI - timedelta(days=jours))
    assert load_avis(JEUDI.date()).titre == dit
    choses = [texte for texte in things(regie) if "sans versement" in texte]
    assert bool(choses) is bool(dit)
    if dit:
        assert "Un régisseur verse une fois par mois au moins." in regie.get(PAGE).text


def test_money_that_was_left_behind_is_said_otherwise(regie):
    compte = make_compte()
    receive(compte, 700, "cesu", titres=1, now=JEUDI - timedelta(days=40))
    receive(compte, 800, now=JEUDI - timedelta(days=20))
    verser(JEUDI.date() - timedelta(days=10), None, JEUDI, moyens=["cheque"])
    assert load_avis(JEUDI.date()).titre == "De l’argent attend depuis 40\u00a0jours"
