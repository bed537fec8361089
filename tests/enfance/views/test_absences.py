"""« Absent aujourd’hui ? » for several children at once, who knows, « Léa vient finalement »: pages, mail, history,
sheet.
"""

import re
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.equipe.feuille import load_feuille
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Absence, Appel, Creneau, Enfant, Garde, Inscription, ListeRepas
from enfance.regles import Acteur, Cle
from enfance.seances import absences
from portail.dates import PARIS
from tests.enfance.views.conftest import NOW
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.reading import body_of, html_of, plain, words_of

pytestmark = pytest.mark.django_db
VENDREDI = date(2026, 12, 4)
MATIN = datetime(2026, 12, 4, 7, 40, tzinfo=PARIS)
ADRESSE = "/jour/2026-12-04/absences/"
QUI_SAIT = f"{ADRESSE}dites/"


@pytest.fixture
def trio(camille, lea, client, clock):
    """Friday morning: Léa, Tom and Zoé are awaited in the evening, the limit has passed. Camille is logged in."""
    enfants = [lea, make_enfant(camille, prenom="Tom"), make_enfant(camille, prenom="Zoé")]
    changements = [Changement(Cle(enfant.pk, VENDREDI, "soir"), Inscription.Etat.INSCRIT) for enfant in enfants]
    assert enregistrer(changements, Acteur.parent(camille), now=NOW - timedelta(days=20)).refus == ()
    DBTaskResult.objects.all().delete()
    clock.move_to(MATIN, tick=False)
    client.force_login(camille.user)
    return enfants


def later(client, clock, camille, **passed):
    """Some time goes by, and Camille logs in again."""
    clock.move_to(MATIN + timedelta(**passed), tick=False)
    client.logout()
    client.force_login(camille.user)


def tell(client, *enfants, moments=None, **data):
    moments = [f"{enfant.pk}:soir" for enfant in enfants] if moments is None else moments
    sent = {"absent": [enfant.pk for enfant in enfants], "moment": moments, **data}
    return client.post(ADRESSE, sent, follow=True)


def take_back(client, enfant):
    return client.post(ADRESSE, {"vient": enfant.pk}, follow=True)


def run_tasks():
    """The mails that leave, by their subject and address."""
    mail.outbox.clear()
    while rows := list(DBTaskResult.objects.filter(status="READY", task_path__contains="absences")):
        for row in rows:
            DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    return {message.to[0]: message for message in mail.outbox}


# --- Told -------------------------------------------------------------------------------------------------------------


def test_row_of_today_leads_to_the_form_and_no_other(client, trio):
    page = html_of(client.get("/"))
    assert page.count("Absent aujourd’hui ?") == 1
    assert f'href="{ADRESSE}"' in page
    assert f'href="{ADRESSE}"' in html_of(client.get("/jour/2026-12-04/"))
    form = html_of(client.get(ADRESSE))
    assert "<h1>Absent aujourd’hui</h1><p>Vendredi 4 décembre. Il est 7 h 40.</p>" in re.sub(r">\s+<", "><", form)
    assert [f'name="absent" value="{enfant.pk}">' in form for enfant in trio] == [True, True, True]  # none is ticked
    assert "Pourquoi" not in form  # no tariff bills it: nothing is asked


def test_several_children_are_told_at_once(client, camille, trio, journal):
    lea, tom, _ = trio
    response = tell(client, lea, tom)
    assert response.redirect_chain == [(QUI_SAIT, 303)]
    page = words_of(html_of(response))
    assert "Léa et Tom sont absents aujourd’hui" in page
    assert "Léa, soir : noté à 7 h 40. Tom, soir : noté à 7 h 40." in page
    assert "<dt>Tom <small>absence signalée</small></dt>" in html_of(client.get("/"))
    assert set(Absence.objects.values_list("enfant", "jour", "signalee_par", "signalee_le", "creneaux__code")) == {
        (enfant.pk, VENDREDI, camille.user_id, MATIN, "soir") for enfant in (lea, tom)
    }
    assert Inscription.objects.inscrit().count() == 3
    assert [event["child"] for event in journal.events if event["event"] == "absence_told"] == [lea.pk, tom.pk]


def test_the_moments_that_are_ticked_alone_are_told(client, camille, trio):
    lea = trio[0]
    for code in ("matin", "midi"):
        Inscription.objects.create(enfant=lea, jour=VENDREDI, creneau=Creneau.objects.get(code=code))
    form = html_of(client.get(ADRESSE))
    assert [f'value="{lea.pk}:{code}" checked' in form for code in ("matin", "midi", "soir")] == [True] * 3
    tell(client, lea, moments=[f"{lea.pk}:midi"])
    assert load_feuille(VENDREDI, "midi", now=MATIN).lignes[0].absence
    assert [ligne.absence for ligne in load_feuille(VENDREDI, "soir", now=MATIN).lignes] == [False, False, False]
    assert absences(VENDREDI, VENDREDI, moment="matin") == set()
    assert absences(VENDREDI, VENDREDI, moment="midi") == {(lea.pk, VENDREDI)}
    assert "absence signalée : midi" in html_of(client.get("/"))
    tell(client, lea, moments=[f"{lea.pk}:soir"])  # then of the evening as well: one absence, one row
    assert Absence.objects.get().moments == "midi et soir"


def test_no_moment_ticked_has_its_sentence_and_keeps_the_form(client, camille, trio):
    lea = trio[0]
    Inscription.objects.create(enfant=lea, jour=VENDREDI, creneau=Creneau.objects.get(code="midi"))
    response = tell(client, lea, moments=())
    page = html_of(response)
    assert (response.status_code, response.redirect_chain) == (200, [])
    assert "Aucun moment n’est coché pour Léa : rien n’a changé." in page
    assert f'name="absent" value="{lea.pk}" checked' in page
    assert f'value="{lea.pk}:midi" checked' not in page


def test_only_child_that_may_be_told_is_ticked_already(client, camille, trio):
    Inscription.objects.exclude(enfant=trio[0]).update(etat="annulee")
    assert f'name="absent" value="{trio[0].pk}" checked' in html_of(client.get(ADRESSE))


def test_child_of_whom_all_has_begun_is_named_and_the_garderie_called(client, camille, trio, clock):
    lea, tom, _ = trio
    matin = Creneau.objects.get(code="matin")
    Inscription.objects.filter(enfant=lea).update(creneau=matin)
    Inscription.objects.create(enfant=tom, jour=VENDREDI, creneau=matin)
    page = html_of(client.get(ADRESSE))
    assert f'name="absent" value="{lea.pk}"' not in page
    assert "Léa : le matin est commencé. Appelez la garderie :" in words_of(page)
    assert f'value="{tom.pk}:matin" checked' in page  # his evening is to come: the morning is told with it
    assert "ne peut pas être signalée ici" in html_of(tell(client, lea))
    assert Absence.objects.count() == 0


def test_until_a_day_that_follows_is_of_all_of_it_and_cancels_nothing(client, camille, trio):
    """Monday may still be cancelled: it is not told, and the page leads to it."""
    lea = trio[0]
    LUNDI = date(2026, 12, 7)
    Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=Creneau.objects.get(code="midi"), foyer=camille.foyer)
    assert '<option value="2026-12-07">Jusqu’à lundi 7 décembre</option>' in html_of(client.get(ADRESSE))
    response = tell(client, lea, jusqua="2026-12-07")
    assert response.redirect_chain == [(f"{QUI_SAIT}?jusqua=2026-12-07", 303)]
    page = words_of(html_of(response))
    assert "Pas signalés : ces jours s’annulent encore" in page
    assert "Lundi 7 : Léa, midi" in page
    assert [absence.jour for absence in Absence.objects.all()] == [VENDREDI]
    assert Inscription.objects.inscrit().count() == 4


def test_days_past_their_limit_are_told_together_and_taken_back_together(client, camille, trio, clock):
    jeudi = date(2026, 12, 3)
    lea = trio[0]
    Inscription.objects.create(enfant=lea, jour=jeudi, creneau=Creneau.objects.get(code="soir"), foyer=camille.foyer)
    clock.move_to(datetime(2026, 12, 3, 12, 5, tzinfo=PARIS), tick=False)
    client.logout()
    client.force_login(camille.user)
    sent = {"absent": lea.pk, "moment": f"{lea.pk}:soir", "jusqua": "2026-12-04"}
    page = html_of(client.post("/jour/2026-12-03/absences/", sent, follow=True))
    assert "Jusqu’à vendredi 4 décembre, noté à 12 h 05." in words_of(page)
    subjects = {plain(message.subject) for message in run_tasks().values()}
    assert subjects == {"Absence signalée : Léa, jeudi 3 et vendredi 4"}
    client.post("/jour/2026-12-03/absences/", {"vient": lea.pk})
    assert (Absence.objects.count(), Absence.objects.standing().count()) == (2, 0)


def test_nobody_ticked_has_its_sentence(client, trio):
    page = html_of(tell(client))
    assert "Personne n’est coché : rien n’a changé." in page
    assert Absence.objects.count() == 0


def test_told_twice_is_one_absence_and_one_mail(client, trio):
    for _ in range(2):
        assert tell(client, trio[0]).redirect_chain == [(QUI_SAIT, 303)]
    assert Absence.objects.count() == 1
    assert len(run_tasks()) == 2  # Camille and Sacha


def test_who_is_not_awaited_is_left_out_and_said(client, camille, trio):
    noe = make_enfant(camille, prenom="Noé")
    page = html_of(tell(client, trio[0], noe))
    assert "Absence de Léa aujourd’hui, soir" in page
    assert "Les autres absences ne peuvent pas être signalées ici." in page
    assert Absence.objects.get().enfant == trio[0]


def test_day_outside_every_year_is_no_page(client, trio):  # VAL-16
    assert client.post("/jour/2031-01-02/absences/", {"absent": trio[0].pk}).status_code == 404


@pytest.mark.parametrize(
    "data", [{"absent": "x"}, {"absent": "9" * 30}, {"vient": "-1"}, {"moment": "1:2:3"}, {"jusqua": "demain"}, {}]
)
def test_forged_form_has_its_sentence(client, trio, data):
    page = html_of(client.post(ADRESSE, data, follow=True))
    assert "rien n’a changé" in page or "Choisissez un jour de la liste." in page
    assert Absence.objects.count() == 0


def test_get_changes_nothing_and_nothing_told_leads_home(client, trio):  # SES-06
    assert client.get(ADRESSE, {"absent": trio[0].pk}).status_code == 200
    assert client.get(QUI_SAIT)["Location"] == "/"
    assert Absence.objects.count() == 0


@pytest.mark.parametrize("champ", ["absent", "vient"])
def test_child_of_another_family_is_an_unknown_page(client, trio, champ):  # ACC-02
    autre = make_enfant(ResponsableFactory(), prenom="Max")
    assert client.post(ADRESSE, {champ: autre.pk}).status_code == 404
    assert Absence.objects.count() == 0


def test_days_of_the_other_parent_are_neither_told_nor_taken_back(client, camille, sacha, trio):
    lea = trio[0]
    Garde.objects.filter(enfant=lea, foyer=camille.foyer).update(rythme="alternee", depuis=date(2026, 12, 7))
    assert f'name="absent" value="{lea.pk}"' not in html_of(client.get(ADRESSE))
    assert "ne peut pas être signalée ici" in html_of(tell(client, lea))
    Absence.objects.create(enfant=lea, jour=VENDREDI, signalee_par=sacha.user, signalee_le=MATIN)
    assert QUI_SAIT not in html_of(client.get("/"))
    assert client.get(QUI_SAIT)["Location"] == "/"
    assert "rien n’a changé" in html_of(take_back(client, lea))
    assert Absence.objects.standing().count() == 1


# --- Taken back -------------------------------------------------------------------------------------------------------


def test_absence_is_taken_back_by_one_button(client, camille, trio, journal):
    lea = trio[0]
    page = html_of(tell(client, lea))
    assert f'name="vient" value="{lea.pk}">Léa vient finalement</button>' in page
    page = html_of(take_back(client, lea))
    assert "L’absence de Léa, vendredi 4 décembre, est retirée : l’équipe l’attend." in page
    assert "absence signalée" not in page
    absence = Absence.objects.get()
    assert (absence.retiree_par, absence.retiree_le) == (camille.user, MATIN)
    assert absences(VENDREDI, VENDREDI) == set()
    assert "absence_taken_back" in journal.text


def test_absence_is_told_again_after_it_was_taken_back(client, trio):
    lea = trio[0]
    for _ in range(2):
        tell(client, lea)
        take_back(client, lea)
    tell(client, lea)
    assert (Absence.objects.count(), Absence.objects.standing().count()) == (3, 1)


def test_taken_back_twice_is_once(client, trio):
    tell(client, trio[0])
    run_tasks()
    take_back(client, trio[0])
    assert "rien n’a changé" in html_of(take_back(client, trio[0]))
    assert len(run_tasks()) == 2


def test_absence_stays_once_the_sheet_is_closed(client, camille, trio, clock):
    lea = trio[0]
    tell(client, lea)
    later(client, clock, camille, hours=10)  # 17:40
    Appel.objects.create(jour=VENDREDI, creneau=Creneau.objects.get(code="soir"))
    page = html_of(client.get(QUI_SAIT))
    assert "Léa vient finalement</button>" not in page
    assert "Léa vient finalement ? Appelez la garderie au" in words_of(page)
    assert "rien n’a changé" in html_of(take_back(client, lea))
    assert Absence.objects.standing().count() == 1
    Appel.objects.update(rouvert_le=MATIN, motif="Erreur")
    assert "Léa vient finalement</button>" in html_of(client.get(QUI_SAIT))


def test_sheet_that_was_closed_before_the_absence_was_told_changes_nothing(client, trio):
    Inscription.objects.create(enfant=trio[0], jour=VENDREDI, creneau=Creneau.objects.get(code="matin"))
    Appel.objects.create(jour=VENDREDI, creneau=Creneau.objects.get(code="matin"), clos_le=MATIN - timedelta(minutes=9))
    page = html_of(tell(client, trio[0], moments=[f"{trio[0].pk}:{code}" for code in ("matin", "soir")]))
    assert "Léa vient finalement</button>" in page


def test_sheet_of_a_moment_without_the_child_changes_nothing(client, trio):
    tell(client, trio[0])
    Appel.objects.create(jour=VENDREDI, creneau=Creneau.objects.get(code="matin"))
    assert "Léa vient finalement</button>" in html_of(client.get(QUI_SAIT))


def test_sheet_of_a_moment_that_was_not_told_changes_nothing(client, trio):
    Inscription.objects.create(enfant=trio[0], jour=VENDREDI, creneau=Creneau.objects.get(code="matin"))
    tell(client, trio[0], moments=[f"{trio[0].pk}:soir"])
    Appel.objects.create(jour=VENDREDI, creneau=Creneau.objects.get(code="matin"))
    assert "Léa vient finalement</button>" in html_of(client.get(QUI_SAIT))


def test_file_of_the_child_leads_to_who_knows(client, trio):
    tell(client, trio[0])
    assert f'href="{QUI_SAIT}"' in html_of(client.get(f"/enfants/{trio[0].pk}/"))


# --- Who knows --------------------------------------------------------------------------------------------------------


def test_who_was_not_told_comes_first_with_the_numbers(client, trio, settings):
    settings.ECOLE_TELEPHONE, settings.CANTINE_TELEPHONE = "04 65 71 00 36", ""
    Inscription.objects.create(enfant=trio[1], jour=VENDREDI, creneau=Creneau.objects.get(code="midi"))
    lea, tom, _ = trio
    page = words_of(html_of(tell(client, lea)))
    assert "La cantine" not in page  # no lunch break of hers
    page = html_of(tell(client, tom, moments=[f"{tom.pk}:midi"]))
    assert page.index("Pas encore prévenus : à vous d’appeler") < page.index("L’école") < page.index("La cantine, pour")
    assert page.index("La cantine, pour") < page.index(">Prévenus<")
    assert 'href="tel:+33465710036"' in page
    assert "Appeler la cantine" not in page  # the commune has not said its number: no empty button
    assert "Son numéro n’est pas connu de l’accès famille." in page


def test_canteen_whose_list_has_no_meal_of_the_child_is_not_called(client, trio):
    tom = trio[1]
    Inscription.objects.create(enfant=tom, jour=VENDREDI, creneau=Creneau.objects.get(code="midi"))
    ListeRepas.objects.create(debut=VENDREDI, fin=VENDREDI)
    page = html_of(tell(client, tom, moments=[f"{tom.pk}:midi"]))
    assert "La cantine, pour le repas" not in page
    assert "« 1 absence annoncée », dans sa liste" in plain(page)


def test_who_was_told_is_said_without_a_name_of_the_other_home(client, camille, sacha, trio):  # ACC-03
    dominique = ResponsableFactory(foyer=camille.foyer, user__first_name="Dominique")
    trio[0].responsabilites.create(responsable=dominique)
    page = words_of(html_of(tell(client, trio[0])))
    assert "L’équipe de la garderie sur la feuille d’appel du soir 7 h 40" in page
    assert "Dominique par e-mail 7 h 40" in page
    assert "L’autre parent par e-mail 7 h 40" in page
    assert ("Sacha" in page, "Camille" in page) == (False, False)


def test_who_told_it_is_said_to_the_other_adults(client, camille, sacha, trio):
    dominique = ResponsableFactory(foyer=camille.foyer, user__first_name="Dominique")
    trio[0].responsabilites.create(responsable=dominique)
    tell(client, trio[0])
    said = []
    for adulte in (dominique, sacha):
        client.force_login(adulte.user)
        said.append(words_of(html_of(client.get(QUI_SAIT))))
    assert "Noté à 7 h 40 par Camille." in said[0]
    assert "Camille par e-mail" not in said[0]
    assert "Noté à 7 h 40 par l’autre parent." in said[1]
    assert ("Camille" in said[1], "Dominique" in said[1]) == (False, False)
    Absence.objects.update(signalee_par=StaffFactory())
    page = words_of(html_of(client.get(QUI_SAIT)))
    assert "par la mairie." in page
    assert "L’autre parent par e-mail" in page  # as of what a parent tells


# --- By mail ----------------------------------------------------------------------------------------------------------


def test_both_parents_get_one_mail_for_all_their_children(client, camille, sacha, trio):  # ACC-03
    tell(client, *trio)
    mails = run_tasks()
    assert set(mails) == {camille.user.email, sacha.user.email}
    mine, other = mails[camille.user.email], mails[sacha.user.email]
    assert plain(mine.subject) == "Absence signalée : Léa, Tom et Zoé, vendredi 4 décembre"
    phrase = (
        "Vous avez signalé l’absence de Léa (soir), de Tom (soir) et de Zoé (soir), vendredi 4 décembre. "
        "L’équipe est prévenue."
    )
    assert phrase in body_of(mine)
    assert plain(other.subject) == "Absence signalée : Léa, vendredi 4 décembre"  # who is theirs alone
    assert "L’autre parent a signalé l’absence de Léa (soir), vendredi 4 décembre." in body_of(other)
    html = other.alternatives[0][0]
    assert "Appelez la garderie" in body_of(other)
    assert settings.GARDERIE_TELEPHONE.replace(" ", "\u00a0") in html
    forbidden = ["Camille", camille.user.email, "Tom", "Zoé", camille.telephone, camille.foyer.adresse]
    assert [word for word in forbidden if word and word in body_of(other) + html] == []


def test_adult_of_the_same_home_is_told_by_whom_and_that_it_was_taken_back(client, camille, trio):
    dominique = ResponsableFactory(foyer=camille.foyer, user__first_name="Dominique")
    trio[0].responsabilites.create(responsable=dominique)
    tell(client, trio[0])
    assert "Camille a signalé l’absence de Léa (soir)" in body_of(run_tasks()[dominique.user.email])
    take_back(client, trio[0])
    message = run_tasks()[dominique.user.email]
    assert plain(message.subject) == "Absence retirée : Léa, vendredi 4 décembre"
    assert "Camille a retiré l’absence de Léa (soir), vendredi 4 décembre : Léa vient finalement." in plain(
        body_of(message)
    )


def test_shared_address_gets_one_mail_and_a_suspended_right_none(client, camille, sacha, trio):
    dominique = ResponsableFactory(foyer=camille.foyer, user__email=camille.user.email.upper())
    trio[0].responsabilites.create(responsable=dominique)
    trio[0].responsabilites.filter(responsable=sacha).update(suspendue=True)
    tell(client, trio[0])
    mails = run_tasks()
    assert list(mails) == [camille.user.email]
    assert "Vous avez signalé" in body_of(mails[camille.user.email])


def test_mail_of_an_absence_that_was_taken_back_meanwhile_does_not_leave(client, camille, trio):
    tell(client, trio[0])
    take_back(client, trio[0])
    assert {message.subject.split("\u00a0")[0] for message in run_tasks().values()} == {"Absence retirée"}


# --- In the history, on the sheet -------------------------------------------------------------------------------------


def test_history_says_who_told_and_who_took_back(client, camille, sacha, trio, clock):
    lea, tom, _ = trio
    tell(client, lea, tom)
    later(client, clock, camille, minutes=32)
    take_back(client, lea)
    page = words_of(html_of(client.get("/historique/")))
    assert "8 h 12 Vous accès famille Léa : absence retirée, vendredi 4, soir" in page
    assert (
        "7 h 40 Vous accès famille Léa : absence signalée, vendredi 4, soir Tom : absence signalée, vendredi 4, soir"
        in page
    )
    assert page.index("absence retirée") < page.index("absence signalée") < page.index("soir ajouté")
    assert "absence signalée, vendredi 4, soir Référence" not in page
    client.force_login(sacha.user)
    page = words_of(html_of(client.get("/historique/")))
    assert "8 h 12 L’autre foyer accès famille Léa : absence retirée" in page
    assert ("Tom" in page, "Camille" in page) == (False, False)


def test_history_gives_the_absence_to_the_page_of_its_time(client, camille, trio, clock):
    """Those of before and after the thirty saves of a page: each is read once."""
    lea = trio[0]
    avant = NOW - timedelta(days=30)
    Absence.objects.create(enfant=lea, jour=avant.date(), signalee_par=StaffFactory(), signalee_le=avant)
    tell(client, lea)
    for n in range(35):
        changement = Changement(Cle(lea.pk, date(2026, 12, 17), "soir"), ["inscrit", "annulee"][n % 2])
        enregistrer([changement], Acteur.parent(camille), now=NOW - timedelta(days=10, minutes=-n))
    first = html_of(client.get("/historique/"))
    suite = first.split("?avant=")[1].split('"')[0]
    second = html_of(client.get(f"/historique/?avant={suite}"))
    assert [words_of(page).count("absence signalée") for page in (first, second)] == [1, 1]
    assert "La mairie mairie Léa : absence signalée" in words_of(second)


def test_sheet_says_at_what_time_the_absence_was_taken_back(client, camille, trio, clock):
    tell(client, *trio)
    later(client, clock, camille, minutes=32)
    take_back(client, trio[0])
    feuille = load_feuille(VENDREDI, "soir", now=MATIN)
    assert [(ligne.absence, ligne.revient) for ligne in feuille.lignes] == [
        (False, "8\u00a0h\u00a012"),
        (True, ""),
        (True, ""),
    ]
    assert feuille.nombre_attendus == 1
    client.force_login(StaffFactory())
    page = html_of(client.get("/equipe/2026-12-04/?creneau=soir"))
    assert "Absence retirée par la famille à 8 h 12" in words_of(page)
    assert page.count("Absence signalée") == 2
    tell_again = Enfant.objects.get(pk=trio[0].pk).absences.create(jour=VENDREDI)
    assert [ligne.revient for ligne in load_feuille(VENDREDI, "soir", now=MATIN).lignes] == ["", "", ""]
    assert tell_again.retiree_le is None
