"""« Plus de soir le jeudi »: the preview and its buttons, then the receipt and the mail that count as it did."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from enfance.courriels import tasks
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Inscription, Responsabilite
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import body_of, html_of, one_line, plain, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/semaine-type/"
ETE = date(2027, 7, 2)


@pytest.fixture
def jeudis(famille, time_machine):
    """Tom has a pattern with Thursday evenings, of which two were chosen by hand; Léa a morning, Zoé two middays."""
    camille, tom = famille["camille"], famille["tom"]
    famille["zoe"] = zoe = make_enfant(camille, prenom="Zoé")
    tick(camille, cle(tom, 10), cle(tom, 17), cle(famille["lea"], 11, "matin"))
    tick(camille, cle(zoe, 14, "midi"), cle(zoe, 18, "midi"))
    fill(camille, tom, (0, "soir"), (3, "soir"))
    time_machine.shift(timedelta(minutes=10))
    return famille


def cle(enfant, jour, creneau="soir"):
    return Cle(enfant.pk, date(2026, 12, jour), creneau)


def fill(parent, enfant, *boxes):
    remplir(
        [Modele(enfant.pk, frozenset(boxes), date(2026, 12, 3), ETE)], Acteur.semaine_type(parent), now=timezone.now()
    )


def tick(parent, *cles, voulu="inscrit"):
    fait = enregistrer([Changement(une, voulu) for une in cles], Acteur.parent(parent), now=timezone.now())
    assert fait.refus == ()


def ask(client, famille, **fields):
    """The preview once Thursday evening of Tom is unticked."""
    data = {"t": [f"{famille['tom'].pk}:1:soir"], "fin": "annee", "rythme": "1"} | (fields or {"apercu": "1"})
    return client.send(PAGE, data)


def press(client, page, **button):
    """Send what a page's form holds, by one of its buttons."""
    form = re.search(r'<form method="post" action="/semaine-type/".*?</form>', page.text, re.DOTALL)[0]
    fields = {}
    for field in re.findall(r"<input [^>]*>", form):
        attrs = dict(re.findall(r'([\w-]+)="([^"]*)"', field))
        if attrs["type"] == "hidden" and attrs["name"] != "csrfmiddlewaretoken":
            fields.setdefault(attrs["name"], []).append(attrs.get("value", ""))
    return client.send(PAGE, fields | button)


def block(page, nom):
    [found] = [part for part in html_of(page).split("<section")[1:] if f"</span> {nom} <small>" in part]
    return words_of("<section" + found.split("</section>")[0])


def booked(enfant):
    return Inscription.objects.inscrit().filter(enfant=enfant).count()


# --- The preview ------------------------------------------------------------------------------------------------------


def test_preview_has_a_block_a_child_and_a_total(client, jeudis):
    page = ask(client, jeudis)

    assert "21 soirs retirés, tous les jeudis à partir du 7 janvier. Le reste de sa semaine" in block(page, "Tom")
    assert "2 soirs restent prévus Vous les aviez choisis à la main : jeudis 10 et 17 décembre." in block(page, "Tom")
    assert "Retirer aussi les 2 soirs de Tom" in block(page, "Tom")
    assert "Rien ne change. 1 jour choisi à la main reste tel quel : matin, vendredi 11 décembre." in block(page, "Léa")
    assert "Rien ne change. 2 jours choisis à la main restent tels quels : midi" in block(page, "Zoé")
    assert "Retirer aussi" not in block(page, "Léa") + block(page, "Zoé")
    assert "21 soirs retirés, 5 jours gardés Étape 2 sur 2. Rien n’est enregistré avant." in words_of(page)
    assert "Les midis ne changent pas : rien à prévoir pour la cantine." in words_of(page)


def test_button_of_a_child_removes_of_that_child_alone_and_is_taken_back(client, jeudis):
    tom = jeudis["tom"]
    avec = press(client, ask(client, jeudis), retirer=str(tom.pk))
    assert "23 soirs retirés, tous les jeudis." in block(avec, "Tom")
    assert "Les garder : les 2 soirs de Tom" in block(avec, "Tom")
    assert "23 soirs retirés, 3 jours gardés" in words_of(avec)

    sans = press(client, avec, garder=str(tom.pk))

    assert "21 soirs retirés, 5 jours gardés" in words_of(sans)
    assert Enregistrement.objects.count() == 3  # nothing yet


def test_choice_of_a_child_goes_with_the_save(client, jeudis):
    lea, tom, zoe = jeudis["lea"], jeudis["tom"], jeudis["zoe"]
    avant = booked(tom)

    response = press(client, press(client, ask(client, jeudis), retirer=str(tom.pk)), enregistrer="1")

    assert (booked(tom), booked(lea), booked(zoe)) == (avant - 23, 1, 2)
    assert response.status_code == 303
    assert "23 soirs retirés, 3 jours gardés" in words_of(client.get(response["Location"]))


def test_emptied_planning_asks_what_to_do_of_the_days_chosen_by_hand(client, jeudis):
    lea, tom = jeudis["lea"], jeudis["tom"]
    vide = client.send(PAGE, {"t": [f"{lea.pk}:1:soir"], "fin": "annee", "rythme": "1", "vider": str(tom.pk)})
    assert "2 soirs restent prévus" in block(vide, "Tom")

    press(client, press(client, vide, retirer=str(tom.pk)), enregistrer="1")

    assert booked(tom) == 0


def test_child_of_another_family_is_none_of_the_buttons(client, jeudis):
    noe = make_enfant(ResponsableFactory(), prenom="Noé")

    page = press(client, ask(client, jeudis), retirer=str(noe.pk), ajouter="x")

    assert "21 soirs retirés, 5 jours gardés" in words_of(page)
    assert f'value="{noe.pk}"' not in html_of(page)


# --- The receipt ------------------------------------------------------------------------------------------------------


def test_receipt_says_in_one_place_what_was_not_done_and_whom_to_call(client, jeudis):
    jeudi = [f"{jeudis[nom].pk}:4:soir" for nom in ("lea", "zoe")]  # for the 3rd it is too late

    apercu = ask(client, jeudis, t=[*jeudi, f"{jeudis['tom'].pk}:1:soir"], apercu="1")
    page = client.get(press(client, apercu, enregistrer="1")["Location"])

    [part] = [part for part in html_of(page).split("<section")[1:] if "Ce qui n’a pas pu être fait" in part]
    dits = words_of("<section" + part.split("</section>")[0])
    assert "Léa Trop tard pour changer ici : soir, jeudi 3 décembre. Zoé Trop tard" in dits
    assert dits.count("Appelez la garderie") == 1


def test_receipt_counts_as_the_preview_did(client, jeudis):
    page = client.get(press(client, ask(client, jeudis), enregistrer="1")["Location"])

    assert (
        "21 soirs retirés, 5 jours gardés Tom : 21 soirs retirés, tous les jeudis à partir du 7 janvier."
        in words_of(page)
    )
    assert "Depuis l’aperçu" not in words_of(page)
    assert "Annuler, jusqu’à 21 h 06" in words_of(page)


def test_receipt_names_what_was_kept_by_child_and_leads_there(client, jeudis):
    html = html_of(client.get(press(client, ask(client, jeudis), enregistrer="1")["Location"]))

    for nom, jours, adresse, voir in (
        ("Léa", "matin, vendredi 11 décembre", "/jour/2026-12-11/", "Voir ce jour"),
        ("Tom", "soir, jeudis 10 et 17 décembre", "/planning/2026-12/", "Voir ces jours"),
        ("Zoé", "midi, lundi 14 et vendredi 18 décembre", "/planning/2026-12/", "Voir ces jours"),
    ):
        ligne = f'<b>{nom}</b> <small>{jours}</small></span> <a class="grand" href="{adresse}">{voir}'
        assert ligne in html


def test_receipt_leads_to_the_first_month_that_changed(client, jeudis):
    html = html_of(client.get(press(client, ask(client, jeudis), enregistrer="1")["Location"]))
    assert 'href="/planning/2027-01/">Voir le planning de janvier' in html


def test_place_taken_since_the_preview_is_said_plainly(client, famille):
    lea, autre = famille["lea"], ResponsableFactory()
    Creneau.objects.filter(code="soir").update(places=1)
    apercu = client.send(PAGE, {"t": [f"{lea.pk}:1:soir"], "fin": "annee", "rythme": "1", "apercu": "1"})
    tick(autre, cle(make_enfant(autre, prenom="Noé"), 14))

    page = words_of(client.get(press(client, apercu, enregistrer="1")["Location"]))

    assert "22 soirs ajoutés Depuis l’aperçu, 1 place a été prise. Il annonçait : 23 soirs ajoutés." in page
    assert "Léa 1 soir est complet : lundi 14 décembre." in page


def test_planning_changed_since_the_preview_is_said_plainly(client, jeudis):
    apercu = ask(client, jeudis)
    tick(jeudis["camille"], cle(jeudis["lea"], 11, "matin"), voulu="annulee")

    page = words_of(client.get(press(client, apercu, enregistrer="1")["Location"]))

    assert "21 soirs retirés, 4 jours gardés Depuis l’aperçu, le planning a changé." in page
    assert "Il annonçait : 21 soirs retirés, 5 jours gardés." in page


@pytest.mark.parametrize("annonce", ["", "x", "+soir:1", "+nuit:3 =0 !0", "=1 !99999999", "+soir:" + "9" * 300])
def test_count_that_is_not_one_is_not_compared(client, jeudis, annonce):
    page = client.get(ask(client, jeudis, enregistrer="1", annonce=annonce)["Location"])
    assert "Depuis l’aperçu" not in words_of(page)


def test_waiting_list_that_was_asked_for_is_no_difference(client, famille):
    lea, autre = famille["lea"], ResponsableFactory()
    Creneau.objects.filter(code="soir").update(places=1)
    tick(autre, cle(make_enfant(autre, prenom="Noé"), 14))
    apercu = client.send(PAGE, {"t": [f"{lea.pk}:1:soir"], "fin": "annee", "rythme": "1", "apercu": "1"})

    page = words_of(client.get(press(client, apercu, enregistrer="1", avec_attente="1")["Location"]))

    assert "22 soirs ajoutés, 1 soir en liste d’attente" in page
    assert "En liste d’attente : soir, n° 1, lundi 14 décembre." in page
    assert "Inscrire aussi sur liste d’attente ce moment" in words_of(apercu)
    assert "Depuis l’aperçu" not in page


def test_pattern_that_another_adult_chose_since_the_preview_is_not_cleared(client, jeudis):
    """Léa had no week when the page was shown: nothing of hers was to be cleared, and nothing is."""
    lea = jeudis["lea"]
    apercu = ask(client, jeudis)
    fill(jeudis["camille"], lea, (1, "matin"))
    avant = booked(lea)

    page = press(client, apercu, enregistrer="1")

    assert booked(lea) == avant
    assert "confirmez que Léa ne vient plus" in words_of(page)


def test_receipt_to_keep_says_the_same(client, jeudis):
    press(client, ask(client, jeudis), enregistrer="1")
    page = words_of(client.get(f"/historique/{Enregistrement.objects.latest('pk').pk}/"))
    assert "21 soirs retirés, 5 jours gardés." in page
    assert "Léa : matin, vendredi 11 décembre" in page


def test_receipt_leaves_out_a_child_that_is_no_longer_theirs(client, jeudis):
    press(client, ask(client, jeudis), enregistrer="1")
    reference = Enregistrement.objects.latest("pk").pk
    Responsabilite.objects.filter(enfant=jeudis["lea"]).update(suspendue=True)
    page = words_of(client.get(f"/historique/{reference}/"))
    assert ("Léa" in page, "jours gardés" in page) == (False, False)
    Responsabilite.objects.filter(enfant=jeudis["tom"]).update(suspendue=True)
    assert client.get(f"/historique/{reference}/").status_code == 404  # nothing of what changed is left


# --- The mail ---------------------------------------------------------------------------------------------------------


def test_mail_says_what_the_receipt_says(client, jeudis):
    camille = jeudis["camille"]
    press(client, ask(client, jeudis), enregistrer="1")
    reference = Enregistrement.objects.latest("pk").pk

    tasks.send_confirmation.func(reference, camille.user_id)

    [message] = mail.outbox
    assert plain(message.subject) == "Garderie : 21 soirs retirés pour Tom, jusqu’au 2 juillet"
    texte = body_of(message)
    assert "le jeudi 3 décembre à 20 h 51 : 21 soirs retirés, 5 jours gardés." in texte
    assert "LÉA Rien ne change 1 jour choisi à la main reste tel quel : matin, vendredi 11 décembre" in texte
    assert "TOM 21 soirs retirés, tous les jeudis à partir du 7 janvier" in texte
    assert "2 jours choisis à la main restent tels quels : soir, jeudis 10 et 17 décembre" in texte
    assert one_line("http://127.0.0.1:8000/planning/2027-01/") in texte
