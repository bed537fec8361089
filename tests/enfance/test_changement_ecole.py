"""What a pupil has booked follows it to its new school: same créneau, same moment with a place, or cancelled."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.changement_ecole import TELL, changer_place, deplacees, perdues, suivre
from enfance.courriels.ecole import ecole_context
from enfance.courriels.tasks import send_ecole, tell_ecole
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Ecole, Enregistrement, Evenement, Fermeture, Inscription, Scolarite
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import (
    AnneeFactory,
    CreneauFactory,
    EcoleFactory,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)
from tests.reading import plain, plain_all

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
VENDREDI, LUNDI, MARDI = date(2026, 12, 4), date(2026, 12, 7), date(2026, 12, 8)


@pytest.fixture
def bourg() -> Ecole:
    AnneeFactory()
    for code, creneau in make_creneaux().items():
        if code != "midi":
            creneau.ecoles.set([Ecole.objects.get()])
    return Ecole.objects.get()


@pytest.fixture
def hameau(bourg) -> Ecole:
    """It shares the lunch break, and has an evening of its own; no morning."""
    ecole = EcoleFactory()
    soir = CreneauFactory(code="soir-hameau", moment="soir", nom="Soir", nom_court="soir", debut=time(16), ordre=4)
    soir.ecoles.set([ecole])
    return ecole


@pytest.fixture
def camille(bourg):
    return ResponsableFactory(user__first_name="Camille")


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def book(enfant, jour, *codes, voulu="inscrit"):
    acteur = Acteur.parent(enfant.responsables.first())
    enregistrer([Changement(Cle(enfant.pk, jour, code), voulu) for code in codes], acteur, now=NOW)
    DBTaskResult.objects.all().delete()


def move(enfant, ecole, jour=LUNDI, *, now=NOW):
    place = enfant.scolarites.get()
    _, arrivee = changer_place(place, ecole, jour)
    return suivre([arrivee], Acteur.mairie(1, "Changement d’école"), now=now)


def etats(enfant):
    lignes = Inscription.objects.filter(enfant=enfant).order_by("jour", "creneau__ordre", "pk")
    return [(ligne.jour.day, ligne.creneau.code, ligne.etat) for ligne in lignes.select_related("creneau")]


@pytest.fixture(autouse=True)
def agent(db):
    return StaffFactory(pk=1)


def test_inscriptions_stay_move_or_are_cancelled(lea, hameau):
    book(lea, LUNDI, "matin", "midi", "soir")

    resultat = move(lea, hameau)

    assert etats(lea) == [
        (7, "matin", "annulee"),
        (7, "midi", "inscrit"),
        (7, "soir", "annulee"),
        (7, "soir-hameau", "inscrit"),
    ]
    assert Enregistrement.objects.filter(motif="Changement d’école").count() == 1
    assert [e.creneau.code for e in deplacees(resultat.evenements)] == ["soir-hameau"]
    assert [e.creneau.code for e in perdues(resultat.evenements)] == ["matin"]
    task = DBTaskResult.objects.get()
    assert (task.task_path, task.args_kwargs["args"]) == (TELL, [resultat.enregistrement.pk])


def test_days_before_the_change_stay_as_they_are(lea, hameau):
    book(lea, LUNDI, "matin", "soir")
    book(lea, MARDI, "soir")

    move(lea, hameau, MARDI)

    assert etats(lea) == [
        (7, "matin", "inscrit"),
        (7, "soir", "inscrit"),
        (8, "soir", "annulee"),
        (8, "soir-hameau", "inscrit"),
    ]
    assert [(s.ecole.code, s.debut, s.depart) for s in lea.scolarites.order_by("pk")] == [
        ("ecole", None, MARDI),
        ("hameau", MARDI, None),
    ]


def test_limit_that_is_past_stands_in_no_way(lea, hameau):
    Inscription.objects.create(
        enfant=lea, jour=VENDREDI, creneau=Creneau.objects.get(code="soir"), foyer=lea.responsables.get().foyer
    )

    move(lea, hameau, VENDREDI)

    assert etats(lea) == [(4, "soir", "annulee"), (4, "soir-hameau", "inscrit")]


@pytest.mark.parametrize(("heure", "etat"), [(time(20, 41), "inscrit"), (time(17, 30), "annulee")])
def test_hours_that_are_over_that_day_stay_as_they_were(lea, hameau, heure, etat):
    """Nothing goes to those of the new school that are over, whether or not the ones of the old school are."""
    jeudi = NOW.date()
    Creneau.objects.filter(code="soir-hameau").update(fin=time(17))
    Inscription.objects.create(
        enfant=lea, jour=jeudi, creneau=Creneau.objects.get(code="soir"), foyer=lea.responsables.get().foyer
    )
    book(lea, LUNDI, "soir")

    move(lea, hameau, jeudi, now=datetime.combine(jeudi, heure, PARIS))

    assert etats(lea) == [(3, "soir", etat), (7, "soir", "annulee"), (7, "soir-hameau", "inscrit")]


def test_new_evening_that_is_full_takes_nobody_more(lea, camille, hameau):
    Creneau.objects.filter(code="soir-hameau").update(places=1)
    tom = make_enfant(camille, prenom="Tom")
    Scolarite.objects.filter(enfant=tom).update(ecole=hameau, classe=None)
    book(tom, LUNDI, "soir-hameau")
    book(lea, LUNDI, "soir")
    book(lea, MARDI, "soir")

    move(lea, hameau)

    assert etats(lea) == [(7, "soir", "annulee"), (8, "soir", "annulee"), (8, "soir-hameau", "inscrit")]


def test_two_pupils_do_not_share_the_last_place(lea, camille, hameau):
    Creneau.objects.filter(code="soir-hameau").update(places=1)
    tom = make_enfant(camille, prenom="Tom")
    arrivees = []
    for enfant in (lea, tom):
        book(enfant, LUNDI, "soir")
        arrivees.append(changer_place(enfant.scolarites.get(), hameau, LUNDI)[1])

    suivre(arrivees, Acteur.mairie(1, "Changement d’école"), now=NOW)

    assert Inscription.objects.inscrit().get(creneau__code="soir-hameau").enfant == lea  # the first to have booked
    assert Enregistrement.objects.filter(motif="Changement d’école").count() == 1


def test_two_pupils_each_arrive_on_a_day_of_their_own(lea, camille, hameau):
    tom = make_enfant(camille, prenom="Tom")
    arrivees = []
    for enfant, jour in ((tom, MARDI), (lea, LUNDI)):
        for reserve in (LUNDI, MARDI):
            book(enfant, reserve, "soir")
        arrivees.append(changer_place(enfant.scolarites.get(), hameau, jour)[1])

    suivre(arrivees, Acteur.mairie(1, "Changement d’école"), now=NOW)

    inscrits = [[(jour, code) for jour, code, etat in etats(enfant) if etat == "inscrit"] for enfant in (lea, tom)]
    assert inscrits == [[(7, "soir-hameau"), (8, "soir-hameau")], [(7, "soir"), (8, "soir-hameau")]]


def test_rank_is_lost_and_a_place_is_given_where_there_is_one(lea, hameau):
    Creneau.objects.filter(code__in=("soir", "matin")).update(places=0)
    book(lea, LUNDI, "soir", "matin", voulu="attente")
    assert {etat for *_, etat in etats(lea)} == {"attente"}

    move(lea, hameau)

    assert etats(lea) == [(7, "matin", "annulee"), (7, "soir", "annulee"), (7, "soir-hameau", "inscrit")]


def test_place_that_is_left_goes_to_who_waits_for_it(lea, camille, hameau):
    Creneau.objects.filter(code="soir").update(places=1)
    tom = make_enfant(camille, prenom="Tom")
    book(lea, LUNDI, "soir")
    book(tom, LUNDI, "soir", voulu="attente")

    move(lea, hameau)

    assert etats(tom) == [(7, "soir", "inscrit")]


def test_creneaux_of_one_moment_pair_by_their_beginning(lea, bourg, hameau):
    for code, debut, ecole in (("soir-2", time(17, 30), bourg), ("soir-hameau-2", time(17, 45), hameau)):
        CreneauFactory(code=code, moment="soir", nom_court="soir 2", debut=debut, ordre=5).ecoles.set([ecole])
    book(lea, LUNDI, "soir-2")
    book(lea, MARDI, "soir", "soir-2")

    move(lea, hameau)

    inscrits = [(jour, code) for jour, code, etat in etats(lea) if etat == "inscrit"]
    assert inscrits == [(7, "soir-hameau-2"), (8, "soir-hameau"), (8, "soir-hameau-2")]


def test_second_evening_of_a_school_that_has_one_less_is_lost(lea, bourg, hameau):
    CreneauFactory(code="soir-2", moment="soir", nom_court="soir 2", debut=time(17, 30), ordre=5).ecoles.set([bourg])
    book(lea, LUNDI, "soir", "soir-2")

    resultat = move(lea, hameau)

    assert [e.creneau.code for e in perdues(resultat.evenements)] == ["soir-2"]


def test_whoever_paid_goes_on_paying(lea, camille, hameau):
    """Each for its days, on those of the other's week as well."""
    autre = ResponsableFactory(user__first_name="Sacha", foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=autre)
    lea.gardes.create(foyer=autre.foyer)
    for responsable, jour in ((camille, LUNDI), (autre, MARDI)):
        enregistrer([Changement(Cle(lea.pk, jour, "soir"), "inscrit")], Acteur.parent(responsable), now=NOW)
    lea.gardes.update(rythme="alternee", depuis=date(2026, 12, 14))

    move(lea, hameau)

    suivies = Inscription.objects.inscrit().order_by("jour").values_list("jour", "creneau__code", "foyer", "origine")
    assert list(suivies) == [
        (LUNDI, "soir-hameau", camille.foyer_id, "portail"),
        (MARDI, "soir-hameau", autre.foyer_id, "portail"),
    ]


def test_box_that_the_new_school_holds_already_stays_as_it_is(lea, hameau):
    book(lea, LUNDI, "soir")
    foyer = FoyerFactory(adresse="3 rue du Lac")
    creneau = Creneau.objects.get(code="soir-hameau")
    deja = Inscription.objects.create(enfant=lea, jour=LUNDI, creneau=creneau, foyer=foyer, origine="mairie")

    resultat = move(lea, hameau)

    assert [evenement.creneau.code for evenement in resultat.evenements] == ["soir"]
    deja.refresh_from_db()
    assert (deja.etat, deja.foyer, deja.origine) == ("inscrit", foyer, "mairie")


def close(ecole):
    Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="grève").ecoles.set([ecole])


def test_shared_moment_is_cancelled_on_a_day_when_the_new_school_is_closed(lea, hameau):
    book(lea, LUNDI, "midi", "soir")
    close(hameau)

    resultat = move(lea, hameau)

    assert etats(lea) == [(7, "midi", "annulee"), (7, "soir", "annulee")]
    assert [e.creneau.code for e in perdues(resultat.evenements)] == ["midi", "soir"]


def test_who_waits_for_a_shared_moment_waits_on_while_the_new_school_is_closed(lea, hameau):
    Creneau.objects.filter(code="midi").update(places=0)
    book(lea, LUNDI, "midi", voulu="attente")
    book(lea, LUNDI, "soir")
    close(hameau)

    move(lea, hameau)

    assert etats(lea) == [(7, "midi", "attente"), (7, "soir", "annulee")]


@pytest.mark.parametrize("codes", [["midi"], ["midi", "matin"]])
def test_who_waited_while_the_school_was_closed_is_served_in_the_new_one(lea, bourg, hameau, codes):
    """A closure suspends the list for its pupils: nobody took the place that is free."""
    Creneau.objects.filter(code="midi").update(places=0)
    book(lea, LUNDI, "midi", voulu="attente")
    book(lea, LUNDI, *codes[1:])
    Creneau.objects.filter(code="midi").update(places=1)
    close(bourg)

    move(lea, hameau)

    assert (7, "midi", "inscrit") in etats(lea)


def test_nothing_booked_writes_nothing(lea, hameau):
    assert move(lea, hameau).enregistrement is None
    assert not Evenement.objects.exists()
    assert not DBTaskResult.objects.exists()


@pytest.mark.parametrize("jour", [date(2026, 9, 1), date(2026, 8, 24)])
def test_place_before_its_first_day_changes_school_itself(lea, hameau, jour):
    lea.scolarites.update(depart=MARDI)

    place, arrivee = changer_place(lea.scolarites.get(), hameau, jour)

    assert lea.scolarites.get() == place
    champs = (place.ecole, place.classe, place.debut, place.depart, arrivee.jour)
    assert champs == (hameau, None, None, None, date(2026, 9, 1))


@pytest.mark.parametrize(("note", "tenu"), [(VENDREDI, VENDREDI), (MARDI, LUNDI)])
def test_departure_that_was_noted_is_never_later_than_the_change(lea, hameau, note, tenu):
    lea.scolarites.update(depart=note)

    changer_place(lea.scolarites.get(), hameau, LUNDI)

    assert list(lea.scolarites.order_by("pk").values_list("debut", "depart")) == [(None, tenu), (LUNDI, None)]


@pytest.mark.parametrize(
    "champs", [{}, {"classe": "CE2"}, {"depart": date(2028, 1, 10)}, {"ecole": "autre"}, {"niveau": "CM1"}]
)
def test_place_supposed_for_the_next_year_follows(lea, camille, hameau, champs):
    """Neither what the town hall said of it, nor another child's, nor the year before."""
    hameau.dernier_niveau = "CE2"
    hameau.save()
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    dits = {
        "classe": lambda nom: suivante.classes.create(nom=nom),
        "ecole": lambda code: EcoleFactory(code=code, nom="École du Lac"),
    }
    champs = {champ: dits.get(champ, lambda dit: dit)(dit) for champ, dit in champs.items()}
    autre, avant = make_enfant(camille, prenom="Tom"), AnneeFactory(debut=date(2025, 9, 1), fin=date(2026, 7, 3))
    supposee = lea.scolarites.create(**{"annee": suivante, "niveau": "CE2"} | champs)
    restent = [
        autre.scolarites.create(annee=suivante, niveau="CE2"),
        lea.scolarites.create(annee=avant, niveau="CP"),
    ]
    ecole = supposee.ecole

    changer_place(lea.scolarites.get(annee__debut=date(2026, 9, 1)), hameau, LUNDI)

    supposee.refresh_from_db()
    assert supposee.ecole == (ecole if champs else hameau)
    assert hameau not in [Scolarite.objects.get(pk=place.pk).ecole for place in restent]


def test_mail_says_of_each_child_what_followed_and_what_did_not(lea, camille, hameau):
    """Each has its school, its days and its hours; Léa is to change once more in January."""
    midi = CreneauFactory(code="midi-hameau", moment="midi", nom_court="midi", debut=time(12), fin=time(13), ordre=2)
    midi.ecoles.set([hameau])
    Creneau.objects.get(code="midi").ecoles.set([Ecole.objects.get(code="ecole")])
    lac, janvier = EcoleFactory(code="lac", nom="École du Lac"), date(2027, 1, 5)
    tom, arrivees = make_enfant(camille, prenom="Tom"), []
    for enfant, jour, *codes in ((lea, LUNDI, "matin", "midi", "soir"), (lea, janvier, "soir"), (tom, MARDI, "soir")):
        book(enfant, jour, *codes)
    for enfant, ecole in ((lea, hameau), (tom, lac)):
        ici, arrivee = changer_place(enfant.scolarites.get(), ecole, LUNDI)
        arrivees.append(arrivee)
    enregistrement = suivre(arrivees, Acteur.mairie(1, "Changement d’école"), now=NOW).enregistrement
    lea.scolarites.filter(debut=LUNDI).update(depart=janvier)
    lea.scolarites.create(annee=ici.annee, ecole=lac, niveau="CE1", debut=janvier)

    context = ecole_context(enregistrement, camille.user)

    assert [(e.prenom, e.ecole, plain_all(e.deplacees), plain_all(e.annulees)) for e in context["enfants"]] == [
        (
            "Léa",
            "École du Hameau",
            ["midi (12 h – 13 h) : lundi 7 décembre", "soir (16 h – 18 h 30) : lundi 7 décembre et mardi 5 janvier"],
            ["matin (7 h 30 – 8 h 30) : lundi 7 décembre"],
        ),
        ("Tom", "École du Lac", [], ["soir (16 h 30 – 18 h 30) : mardi 8 décembre"]),
    ]
    assert (context["midi"], context["planning_url"].split("/planning")[1]) == (True, "/2026-12/")
    assert ecole_context(enregistrement, ResponsableFactory().user) is None


def test_mail_leaves_for_each_adult_in_two_forms(lea, camille, hameau, mailoutbox):
    book(lea, LUNDI, "matin", "soir")
    enregistrement = move(lea, hameau).enregistrement

    tell_ecole.func(enregistrement.pk)
    (task,) = DBTaskResult.objects.filter(task_path__endswith="send_ecole")
    send_ecole.func(*task.args_kwargs["args"])

    (message,) = mailoutbox
    assert plain(message.subject) == "Changement d’école de Léa : ce qui suit"
    assert "LÉA, École du Hameau" in message.body
    assert "− matin (" in message.body
    assert "Inscriptions qui passent à la nouvelle école" in str(message.alternatives[0][0])
