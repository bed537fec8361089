"""A family that is erased: who goes, who stays, what is said of it; what is not theirs stays whole (RGP-08)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django_tasks_db.models import DBTaskResult

from accounts import tasks
from accounts.models import FormerIdentifiant, User
from enfance.famille.effacement import apercu_famille, effacer_famille, load_famille
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.envois.identifiants import importer
from enfance.mairie.envois.liste_identifiants import lire
from enfance.models import (
    Absence,
    Creneau,
    Enfant,
    Enregistrement,
    Fermeture,
    Garde,
    Inscription,
    Message,
    PersonneAutorisee,
    Pointage,
    Responsable,
    SemaineType,
)
from enfance.planning.historique import qui
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.effacements import EffacementRefuse
from portail.tables import Fichier
from tests.clients import Client
from tests.factories import (
    AnneeFactory,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    UserFactory,
    make_creneaux,
    make_enfant,
)
from tests.reading import plain_all

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
NOW = datetime(2026, 12, 3, 12, 41, tzinfo=PARIS)
JEUDI, MARDI, VENDREDI = date(2026, 12, 3), date(2026, 12, 8), date(2026, 12, 11)
Etat = Inscription.Etat


@pytest.fixture(autouse=True)
def ecole(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()


@pytest.fixture
def camille():
    return ResponsableFactory(user__identifiant="2000001", telephone="06 39 98 00 12")


@pytest.fixture
def sacha():
    return ResponsableFactory(
        user__identifiant="2000002",
        user__first_name="Sacha",
        user__last_name="Rivière",
        foyer=FoyerFactory(adresse="3 rue du Lac"),
    )


def book(adulte: Responsable, enfant: Enfant, *jours: date, voulu: str = Etat.INSCRIT, now: datetime = NOW) -> None:
    changements = [Changement(Cle(enfant.pk, jour, "soir"), voulu) for jour in jours]
    resultat = enregistrer(changements, Acteur.parent(adulte), now=now)
    assert not resultat.refus, resultat.refus


# --- Who goes -------------------------------------------------------------------------------------------------------


def test_with_a_home_go_its_adults_and_their_children(camille):
    alex = ResponsableFactory(foyer=camille.foyer, user__first_name="Alex")
    lea, tom = make_enfant(camille), make_enfant(alex, prenom="Tom")
    famille = load_famille(alex.user)
    assert (famille.adultes, famille.enfants, famille.restent) == ((camille, alex), (lea, tom), ())
    assert famille.cles == {
        "enfance.Enfant": {lea.pk, tom.pk},
        "enfance.Responsable": {camille.pk, alex.pk},
        "accounts.User": {camille.user_id, alex.user_id},
        "enfance.Foyer": {camille.foyer_id},
    }


def test_who_goes_is_said_with_the_number_of_each(camille):
    alex = ResponsableFactory(foyer=camille.foyer, user__first_name="Alex", user__identifiant="2000002")
    make_enfant(camille), make_enfant(alex, prenom="Tom")
    assert plain_all(load_famille(alex.user).qui) == [
        "Camille Morel (2000001) et Alex Morel (2000002), 12 chemin des Tilleuls.",
        "2 enfants : Léa Morel et Tom Morel.",
    ]


def test_who_goes_of_an_account_that_is_no_adult_is_the_account():
    user = UserFactory(identifiant="2000001")
    assert load_famille(user).qui == ["Camille Morel (2000001)."]


def test_child_for_whom_another_home_answers_stays(camille, sacha):
    lea, tom = make_enfant(camille, sacha), make_enfant(camille, prenom="Tom")
    assert (load_famille(camille.user).enfants, load_famille(camille.user).restent) == ((tom,), (lea,))


def test_child_whose_other_parent_a_judge_keeps_away_goes(camille, sacha):
    lea = make_enfant(camille, sacha)
    lea.responsabilites.filter(responsable=sacha).update(suspendue=True)
    assert load_famille(camille.user).enfants == (lea,)


def test_account_that_is_no_adult_goes_alone():
    user = ResponsableFactory().user
    Responsable.objects.all().delete()
    effacer_famille(user.pk, now=NOW)
    assert not User.objects.exists()


def test_account_of_an_agent_is_never_erased():
    agent = StaffFactory()
    with pytest.raises(EffacementRefuse, match="est d’un agent"):
        effacer_famille(agent.pk, now=NOW)
    assert User.objects.get() == agent


def test_family_erased_meanwhile_is_said(camille):
    effacer_famille(camille.user_id, now=NOW)
    with pytest.raises(EffacementRefuse, match="n’est plus là"):
        effacer_famille(camille.user_id, now=NOW)


# --- The other parent's part ------------------------------------------------------------------------------------------


@pytest.fixture
def lea(camille, sacha):
    """Of both: each has booked, authorised somebody, chosen a week, told an absence."""
    lea = make_enfant(camille, sacha)
    book(camille, lea, MARDI)
    book(sacha, lea, VENDREDI)
    for adulte, nom in ((camille, "Odile Morel"), (sacha, "Alix Voisin")):
        PersonneAutorisee.objects.create(enfant=lea, nom=nom, ajoutee_par=adulte.user)
        SemaineType.objects.create(foyer=adulte.foyer, enfant=lea, debut=MARDI, fin=VENDREDI)
    Absence.objects.create(enfant=lea, jour=date(2026, 12, 1), signalee_par=camille.user)
    return lea


def test_other_parent_keeps_the_child_and_what_they_brought(lea, camille, sacha):
    effacer_famille(camille.user_id, now=NOW)
    assert list(Enfant.objects.for_responsable(sacha)) == [lea]
    assert list(PersonneAutorisee.objects.values_list("nom", flat=True)) == ["Alix Voisin"]
    assert SemaineType.objects.get().foyer == sacha.foyer
    assert [(g.enfant, g.foyer) for g in Garde.objects.all()] == [(lea, sacha.foyer)]
    assert dict(Inscription.objects.values_list("jour", "etat")) == {MARDI: Etat.ANNULEE, VENDREDI: Etat.INSCRIT}
    assert Absence.objects.get().signalee_par is None


def test_history_of_the_other_parent_says_the_other_home(lea, camille, sacha):
    effacer_famille(camille.user_id, now=NOW)
    assert [qui(e, sacha) for e in Enregistrement.objects.order_by("pk")] == ["L’autre foyer", "Vous", "Le portail"]
    client = Client()
    client.force_login(sacha.user)
    page = client.get("/historique/").text
    assert ("L’autre foyer" in page, "Camille" in page) == (True, False)


def test_other_parent_is_told_of_the_days_that_are_given_up(lea, camille, sacha):
    DBTaskResult.objects.all().delete()
    effacer_famille(camille.user_id, now=NOW)
    annulation = Enregistrement.objects.latest("pk")
    assert list(DBTaskResult.objects.values_list("task_path", "args_kwargs__args")) == [
        ("enfance.courriels.tasks.tell_family", [annulation.pk])
    ]


def test_forbidden_person_stays_even_with_the_name_of_who_is_erased(lea, camille, sacha):
    PersonneAutorisee.objects.create(enfant=lea, nom="Camille Morel", interdite=True)
    bilan = effacer_famille(camille.user_id, now=NOW)
    assert PersonneAutorisee.objects.filter(interdite=True).count() == 1
    assert bilan.bilan.gardes == (
        "Une personne interdite, dite par la mairie sur la fiche de Léa Morel, garde son nom\u00a0: "
        "cela protège l’enfant.",
    )


# --- Places, figures, mails -------------------------------------------------------------------------------------------


def test_places_to_come_go_to_the_waiting_list_and_today_stays_booked(camille, sacha):
    Creneau.objects.filter(code="soir").update(places=1)
    lea, tom = make_enfant(camille), make_enfant(sacha, prenom="Tom", nom="Rivière")
    hier = datetime(2026, 12, 1, 9, tzinfo=PARIS)
    book(camille, lea, JEUDI, MARDI, now=hier)
    book(sacha, tom, MARDI, voulu=Etat.ATTENTE, now=hier)
    bilan = effacer_famille(camille.user_id, now=NOW)
    assert (Inscription.objects.get().enfant, Inscription.objects.get().etat) == (tom, Etat.INSCRIT)
    assert bilan.places == 1
    assert [phrase for phrase in bilan.avis if "feuille" in phrase or "à venir" in phrase] == [
        "Léa Morel est sur la feuille d’aujourd’hui (soir) et n’y sera plus\u00a0: prévenez l’équipe.",
        "1\u00a0inscription à venir part\u00a0: les places vont à la liste d’attente.",
    ]


def test_sheets_of_the_child_go(camille):
    lea = make_enfant(camille)
    Pointage.objects.create(enfant=lea, jour=JEUDI, creneau=Creneau.objects.get(code="soir"))
    effacer_famille(camille.user_id, now=NOW)
    assert not Pointage.objects.exists()


def test_no_mail_leaves_for_the_family(camille):
    book(camille, make_enfant(camille), MARDI)
    tasks.send_temporary_password.enqueue("2000001")
    effacer_famille(camille.user_id, now=NOW)
    assert not DBTaskResult.objects.exists()


def test_mail_that_leaves_this_minute_is_waited_for(camille):
    tasks.send_temporary_password.enqueue("2000001")
    DBTaskResult.objects.update(status="RUNNING", started_at=NOW)
    with pytest.raises(EffacementRefuse, match="recommencez dans une minute"):
        effacer_famille(camille.user_id, now=NOW)
    assert Responsable.objects.get() == camille


def test_onde_would_bring_them_back(camille):
    assert not any("ONDE" in phrase for phrase in apercu_famille(camille.user_id, now=NOW).avis)
    make_enfant(camille)
    assert any("ONDE les ramènerait" in phrase for phrase in apercu_famille(camille.user_id, now=NOW).avis)


# --- What is not theirs -----------------------------------------------------------------------------------------------


def test_namesake_of_another_family_keeps_their_name(camille, sacha):
    make_enfant(camille)
    homonyme = make_enfant(sacha)  # Léa Morel as well
    agent = StaffFactory(first_name="Dominique", last_name="Sorbier")
    genre = ContentType.objects.get_for_model(Enfant)
    for enfant in Enfant.objects.all():
        LogEntry.objects.create(
            user=agent, content_type=genre, object_id=str(enfant.pk), object_repr="Léa Morel", action_flag=CHANGE
        )
    Message.objects.create(objet="Léa Morel", texte="Bravo à Camille Morel et à la famille Morel.")
    effacer_famille(camille.user_id, now=NOW)
    assert dict(LogEntry.objects.values_list("object_id", "object_repr")) == {
        str(homonyme.pk): "Léa Morel",
        **{entry.object_id: "(effacé)" for entry in LogEntry.objects.exclude(object_id=str(homonyme.pk))},
    }
    assert LogEntry.objects.filter(object_repr="(effacé)").count() == 1
    assert Message.objects.get().texte == "Bravo à (effacé) et à la famille Morel."
    assert Message.objects.get().objet == "Léa Morel"


def test_save_of_many_families_stays_without_them(camille, sacha):
    lea, tom = make_enfant(camille), make_enfant(sacha, prenom="Tom", nom="Rivière")
    enregistrement = Enregistrement.objects.create(porte="fermeture", quand=NOW, motif="grève, dit à Léa et à Tom")
    for enfant in (lea, tom):
        enregistrement.evenements.create(
            enfant=enfant, jour=MARDI, creneau=Creneau.objects.get(code="soir"), avant="inscrit", apres="annulee"
        )
    effacer_famille(camille.user_id, now=NOW)
    enregistrement.refresh_from_db()
    assert [e.enfant for e in enregistrement.evenements.all()] == [tom]
    assert enregistrement.motif == "grève, dit à (effacé) et à Tom"


def test_closure_keeps_its_save_though_only_they_were_in_it(camille):
    lea, fermeture = make_enfant(camille), Fermeture.objects.create(debut=MARDI, fin=MARDI, motif="grève")
    enregistrement = Enregistrement.objects.create(porte="fermeture", quand=NOW, fermeture=fermeture)
    enregistrement.evenements.create(enfant=lea, jour=MARDI, creneau=Creneau.objects.get(code="soir"), apres="annulee")
    effacer_famille(camille.user_id, now=NOW)
    assert Enregistrement.objects.get() == enregistrement


def test_sessions_of_the_family_end_and_others_go_on(camille, sacha):
    for adulte in (camille, sacha):
        Client().force_login(adulte.user)
    agent = Client()
    agent.force_login(StaffFactory())
    session = agent.session
    session["trouvee"] = {"famille": "MOREL Camille", "tel": "0639980012"}
    session["autre"] = {"famille": "Rivière"}
    session.save()
    effacer_famille(camille.user_id, now=NOW)
    assert Session.objects.count() == 2
    left = agent.session
    assert ("trouvee" in left, left["autre"], "_auth_user_id" in left) == (False, {"famille": "Rivière"}, True)


# --- The number -------------------------------------------------------------------------------------------------------


def test_number_is_never_given_again_and_stands_nowhere(camille, sacha):
    FormerIdentifiant.objects.create(identifiant="1999999", user=camille.user)
    effacer_famille(camille.user_id, now=NOW)
    assert [User.objects.is_taken(number) for number in ("2000001", "1999999", "2000003")] == [True, True, False]
    kept = list(FormerIdentifiant.objects.values_list("identifiant", "user"))
    assert [(len(number), number[0], user) for number, user in kept] == [(12, "#", None)] * 2
    assert [User.objects.called(text) for text in ("2000001", "1999999", kept[0][0])] == [None] * 3
    liste = lire(Fichier("liste.csv", "nom;prénom;identifiant\nRivière;Sacha;2000001".encode()))
    assert [
        str(refus).endswith("est, ou a été, celui de quelqu’un d’autre.") for refus in importer(liste, now=NOW).refus
    ]
    assert User.objects.get(pk=sacha.user_id).identifiant == "2000002"


def test_digest_of_a_number_depends_on_the_key_and_outlives_its_change(camille, settings):
    effacer_famille(camille.user_id, now=NOW)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une autre clé, longue et tirée au hasard"
    assert FormerIdentifiant.digest_of("2000001") != FormerIdentifiant.objects.get().identifiant
    assert User.objects.is_taken("2000001")
