"""Saves made within five minutes are told by one mail: which ones, what it says, and that none is forgotten."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from accounts.models import HeldMail, UndeliveredMail
from accounts.worker import STALE_AFTER, Worker, release_stale
from enfance.courriels import tasks
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Inscription, ListeRepas, Repas
from enfance.planning import repas
from enfance.planning.annulation import annuler
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from portail.dates import PARIS
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.reading import one_line

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
CINQ = timedelta(minutes=5)
SECONDE = timedelta(seconds=1)
SEND = "enfance.courriels.tasks.send_enregistrements"
Etat = Inscription.Etat


@pytest.fixture(autouse=True)
def at_night(time_machine, settings):
    settings.DAILY_TASKS = {}
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def famille():
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille")
    return camille, make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")


def save(par, enfant, jour, creneau, voulu=Etat.INSCRIT, *, after=timedelta(0)):
    acteur = par if isinstance(par, Acteur) else Acteur.parent(par)
    cle = Cle(enfant.pk, date(2026, 12, jour), creneau)
    resultat = enregistrer([Changement(cle, voulu)], acteur, now=NOW + after)
    assert resultat.enregistrement, resultat.refus
    return resultat.enregistrement


def work(clock, after):
    """What a worker does of the mails that are due, `after` the first instant."""
    clock.move_to(NOW + after, tick=False)
    Worker(interval=0, batch=True).run()


def subjects():
    return [one_line(message.subject) for message in mail.outbox]


def told():
    """The references of each mail."""
    return [
        one_line(message.body).partition("Référence")[2].partition(".")[0].strip("s ").replace(" et ", ", ").split(", ")
        for message in mail.outbox
    ]


def references(*enregistrements):
    return [str(enregistrement.pk) for enregistrement in enregistrements]


def test_one_change_is_the_subject_of_its_mail_five_minutes_later(famille, at_night):
    camille, lea, _ = famille
    un = save(camille, lea, 8, "soir")
    work(at_night, CINQ - SECONDE)
    assert mail.outbox == []
    work(at_night, CINQ)
    assert subjects() == ["Soir ajouté, mardi 8 décembre, pour Léa"]
    assert told() == [references(un)]


def test_saves_within_five_minutes_are_one_mail_with_each_reference(famille, at_night):
    camille, lea, tom = famille
    un = save(camille, lea, 8, "soir")
    deux = save(camille, tom, 11, "midi", after=timedelta(minutes=2))
    trois = save(camille, lea, 8, "matin", after=CINQ - SECONDE)
    assert DBTaskResult.objects.count() == 1
    work(at_night, CINQ)
    [message] = mail.outbox
    assert subjects() == ["3 changements pour Léa et Tom, du 8 au 11 décembre"]
    assert told() == [references(un, deux, trois)]
    texte = one_line(message.body)
    assert "C’est enregistré, le jeudi 3 décembre, de 20 h 41 à 20 h 45." in texte
    assert (
        "LÉA + mardi 8 décembre, matin (7 h 30 – 8 h 30) + mardi 8 décembre, soir (16 h 30 – 18 h 30) "
        "TOM + vendredi 11 décembre, midi (pause méridienne)" in texte
    )
    assert "Pensez à commander le repas de Tom (vendredi 11 décembre)." in texte


def test_a_save_at_five_minutes_opens_another_mail(famille, at_night):
    camille, lea, _ = famille
    un = save(camille, lea, 8, "soir")
    deux = save(camille, lea, 11, "soir", after=CINQ)
    trois = save(camille, lea, 8, "matin", after=CINQ * 2 - SECONDE)
    work(at_night, CINQ)
    work(at_night, CINQ * 2)
    assert told() == [references(un), references(deux, trois)]


def test_a_save_while_its_mail_is_under_way_opens_another(famille, at_night):
    """The clock of the page was read before the worker took the mail, and its save is written after."""
    camille, lea, _ = famille
    un = save(camille, lea, 8, "soir")
    DBTaskResult.objects.update(status="RUNNING")
    deux = save(camille, lea, 11, "soir", after=CINQ - SECONDE)
    DBTaskResult.objects.filter(status="RUNNING").update(status="READY")
    work(at_night, CINQ * 2)
    assert told() == [references(un), references(deux)]


def test_a_change_made_and_unmade_is_left_out(famille, at_night):
    camille, lea, tom = famille
    save(camille, lea, 8, "soir")
    save(camille, tom, 8, "soir", after=SECONDE)
    save(camille, tom, 8, "soir", Etat.ANNULEE, after=2 * SECONDE)
    work(at_night, CINQ)
    assert subjects() == ["Soir ajouté, mardi 8 décembre, pour Léa"]
    assert len(told()[0]) == 3
    assert "TOM" not in mail.outbox[0].body


def test_all_undone_says_so(famille, at_night):
    camille, lea, _ = famille
    un = save(camille, lea, 8, "midi")
    deux = annuler(un.pk, camille, now=NOW + timedelta(minutes=2)).par
    work(at_night, CINQ)
    assert subjects() == ["Tout est comme avant pour Léa"]
    assert told() == [references(un, deux)]
    [message] = mail.outbox
    texte = one_line(message.body)
    attendu = "Tout est comme avant : ce que vous avez changé le jeudi 3 décembre, de 20 h 41 à 20 h 43, vous l’avez "
    assert attendu in texte
    assert "repas" not in texte
    assert "Tout est comme avant" in message.alternatives[0].content


def test_an_undoing_after_the_mail_is_told_alone(famille, at_night):
    camille, lea, _ = famille
    un = save(camille, lea, 8, "soir")
    work(at_night, CINQ)
    annuler(un.pk, camille, now=NOW + 2 * CINQ)
    work(at_night, 3 * CINQ)
    assert subjects()[1] == "Soir retiré, mardi 8 décembre, pour Léa"
    assert "C’est annulé, le jeudi 3 décembre à 20 h 51." in one_line(mail.outbox[1].body)


def test_a_rank_given_up_and_taken_again_is_told(famille, at_night):
    camille, lea, _ = famille
    Creneau.objects.filter(code="soir").update(places=0)
    save(camille, lea, 8, "soir", Etat.ATTENTE, after=-CINQ)
    work(at_night, timedelta(0))
    save(camille, lea, 8, "soir", Etat.ANNULEE)
    save(camille, lea, 8, "soir", Etat.ATTENTE, after=SECONDE)
    work(at_night, CINQ)
    assert subjects() == ["Soir en liste d’attente, mardi 8 décembre, pour Léa"] * 2


def test_a_place_won_meanwhile_is_told_at_once_and_the_mail_knows_it(famille, at_night):
    camille, lea, _ = famille
    noe = make_enfant(autre := ResponsableFactory(), prenom="Noé")
    Creneau.objects.filter(code="soir").update(places=1)
    save(autre, noe, 8, "soir", after=-CINQ)
    save(camille, lea, 8, "soir", Etat.ATTENTE)
    save(autre, noe, 8, "soir", Etat.ANNULEE, after=SECONDE)
    work(at_night, timedelta(minutes=1))
    siens = [message for message in mail.outbox if message.to == [camille.user.email]]
    assert [one_line(message.subject) for message in siens] == [
        "Bonne nouvelle : une place pour Léa, mardi 8 décembre, soir"
    ]
    work(at_night, CINQ)
    texte = one_line([m.body for m in mail.outbox if m.to == [camille.user.email]][-1])
    assert (
        "en liste d’attente : mardi 8 décembre, soir (16 h 30 – 18 h 30), puis ajouté, une place s’est libérée" in texte
    )
    assert "dès qu’une place se libère" not in texte


def test_what_another_adult_changed_since_is_said_without_a_name(famille, at_night):
    camille, lea, _ = famille
    paul = ResponsableFactory(user__first_name="Paul", foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=paul)
    lea.gardes.create(foyer=paul.foyer)
    save(camille, lea, 8, "midi")
    save(paul, lea, 8, "midi", Etat.ANNULEE, after=SECONDE)
    work(at_night, CINQ + SECONDE)
    [un], [autre] = ([m for m in mail.outbox if m.to == [qui.user.email]] for qui in (camille, paul))
    texte = one_line(un.body)
    assert "+ mardi 8 décembre, midi (pause méridienne), puis retiré par l’autre foyer" in texte
    assert "Pensez à commander" not in texte
    assert "Paul" not in texte
    assert one_line(autre.subject) == "Midi retiré, mardi 8 décembre, pour Léa"


def test_a_meal_said_to_be_cancelled_is_in_the_same_mail(famille, at_night):
    camille, lea, tom = famille
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    for enfant, jour in ((tom, 8), (lea, 10)):
        Repas.objects.create(enfant=enfant, jour=date(2026, 12, jour), liste=liste)
    un = save(camille, tom, 8, "soir")
    dit = repas.annuler([Cle(tom.pk, date(2026, 12, 8), "midi")], Acteur.parent(camille), now=NOW + SECONDE)
    autre = repas.annuler([Cle(lea.pk, date(2026, 12, 10), "midi")], Acteur.parent(camille), now=NOW + 2 * SECONDE)
    defait = annuler(autre.enregistrement.pk, camille, now=NOW + 3 * SECONDE).par
    work(at_night, CINQ)
    assert told() == [references(un, dit.enregistrement, autre.enregistrement, defait)]
    assert subjects() == ["2 changements pour Tom, mardi 8 décembre"]
    texte = one_line(mail.outbox[0].body)
    assert "TOM + mardi 8 décembre, soir (16 h 30 – 18 h 30) mardi 8 décembre : repas dit annulé" in texte
    assert "L’association de la cantine voit le repas dit annulé jusqu’à sa prochaine liste." in texte
    assert "LÉA" not in texte
    assert "Pensez à annuler" not in texte


def test_a_meal_alone_is_the_subject(famille, at_night):
    camille, _, tom = famille
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    Repas.objects.create(enfant=tom, jour=date(2026, 12, 8), liste=liste)
    repas.annuler([Cle(tom.pk, date(2026, 12, 8), "midi")], Acteur.parent(camille), now=NOW)
    work(at_night, CINQ)
    assert subjects() == ["Repas dit annulé, mardi 8 décembre, pour Tom"]


def semaine(enfant, *moments):
    return Modele(enfant.pk, frozenset(moments), date(2026, 12, 3), date(2027, 7, 2))


def test_a_semaine_type_alone_keeps_its_own_words(famille, at_night):
    camille, lea, _ = famille
    rempli = remplir([semaine(lea, (0, "soir"))], Acteur.semaine_type(camille), now=NOW).enregistrement
    work(at_night, CINQ)
    assert subjects() == ["Garderie : 23 soirs ajoutés pour Léa, jusqu’au 2 juillet"]
    assert told() == [references(rempli)]


def test_a_semaine_type_and_a_tick_are_one_mail_that_counts(famille, at_night):
    camille, lea, tom = famille
    rempli = remplir([semaine(lea, (0, "soir"), (1, "soir"))], Acteur.semaine_type(camille), now=NOW).enregistrement
    un = save(camille, tom, 8, "soir", after=timedelta(minutes=1))
    retire = save(camille, lea, 14, "soir", Etat.ANNULEE, after=timedelta(minutes=2))
    work(at_night, CINQ)
    assert told() == [references(rempli, un, retire)]
    assert subjects() == ["47 changements pour Léa et Tom, du 7 décembre au 29 juin"]
    assert "LÉA + soir, 46 jours du lundi 7 décembre au mardi 29 juin TOM + mardi 8" in one_line(mail.outbox[0].body)


def test_a_semaine_type_undone_says_that_all_is_as_before(famille, at_night):
    camille, lea, _ = famille
    rempli = remplir([semaine(lea, (0, "soir"))], Acteur.semaine_type(camille), now=NOW).enregistrement
    annuler(rempli.pk, camille, now=NOW + SECONDE)
    work(at_night, CINQ)
    assert subjects() == ["Tout est comme avant pour Léa"]


def test_each_adult_has_a_mail_of_their_own(famille, at_night):
    camille, lea, _ = famille
    dominique = ResponsableFactory(user__first_name="Dominique", foyer=camille.foyer)
    lea.responsabilites.create(responsable=dominique)
    un, deux = save(camille, lea, 8, "soir"), save(dominique, lea, 11, "soir", after=SECONDE)
    work(at_night, CINQ + SECONDE)
    assert told() == [references(un), references(deux)]
    assert [message.to for message in mail.outbox] == [[camille.user.email], [dominique.user.email]]


def test_without_an_address_nothing_is_sent_nor_fails(famille, at_night):
    camille, lea, _ = famille
    camille.user.email = ""
    camille.user.save()
    save(camille, lea, 8, "soir")
    work(at_night, CINQ)
    assert (mail.outbox, UndeliveredMail.objects.count()) == ([], 0)
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


def test_a_worker_killed_after_sending_sends_the_same_again(famille, at_night):
    camille, lea, _ = famille
    un = save(camille, lea, 8, "soir")
    work(at_night, CINQ)
    DBTaskResult.objects.update(status="RUNNING")  # dead before it could note that the mail had left
    deux = save(camille, lea, 11, "soir", after=CINQ + SECONDE)
    release_stale(now=NOW + CINQ + STALE_AFTER + SECONDE)
    work(at_night, CINQ * 4)
    assert sorted(told()) == sorted([references(un), references(un), references(deux)])


def test_a_server_that_fails_loses_nothing_and_mixes_nothing(famille, at_night, monkeypatch):
    camille, lea, _ = famille
    un = save(camille, lea, 8, "soir")

    def refuse(*args, **kwargs):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        work(at_night, CINQ)
    deux = save(camille, lea, 11, "soir", after=CINQ + SECONDE)
    work(at_night, CINQ * 4)
    assert told() == [references(un), references(deux)]


def test_an_address_that_fails_is_one_line_of_the_town_hall_whatever_the_changes(famille, at_night, monkeypatch):
    camille, lea, _ = famille

    def refuse(*args, **kwargs):
        raise OSError

    def lines():
        open_lines = UndeliveredMail.objects.order_by("pk").values_list("mail", "settled_at")
        return [(one_line(nom), settled is None) for nom, settled in open_lines]

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        save(camille, lea, 8, "soir")
        for heures in range(6):
            work(at_night, timedelta(hours=heures))
        save(camille, lea, 11, "soir", after=timedelta(hours=6))
        for heures in range(6, 13):
            work(at_night, timedelta(hours=heures))
    assert lines() == [("Changements enregistrés pour Léa", True)]
    save(camille, lea, 8, "matin", after=timedelta(hours=13))
    work(at_night, timedelta(hours=14))
    assert lines() == [("Changements enregistrés pour Léa", False)]


def test_held_mails_are_one_for_five_minutes_and_may_be_given_up(famille, at_night, settings):
    settings.ENVOIS_RETENUS = True
    camille, lea, _ = famille
    save(camille, lea, 8, "soir")
    save(camille, lea, 11, "soir", after=SECONDE)
    work(at_night, CINQ)
    [tenu] = HeldMail.objects.all()
    assert mail.outbox == []
    tenu.delete()
    trois = save(camille, lea, 8, "matin", after=2 * SECONDE)
    HeldMail.objects.update(queue_name="default")  # let go
    work(at_night, CINQ * 2)
    assert told() == [references(trois)]


def test_the_town_hall_is_told_at_once(famille, at_night):
    camille, lea, _ = famille
    save(camille, lea, 8, "soir")
    save(Acteur.mairie(StaffFactory().pk, "appel"), lea, 11, "soir", after=SECONDE)
    work(at_night, 2 * SECONDE)
    assert subjects() == ["Soir ajouté, vendredi 11 décembre, pour Léa"]
    assert "La mairie a changé le planning" in one_line(mail.outbox[0].body)
    assert Enregistrement.objects.get(porte="mairie").dit_avec is None


def test_accounts_that_became_one_hear_of_what_waited(famille, at_night):
    camille, lea, _ = famille
    un = save(camille, lea, 8, "soir")
    kept = ResponsableFactory(foyer=camille.foyer)
    lea.responsabilites.create(responsable=kept)
    Enregistrement.objects.update(auteur=kept.user)
    work(at_night, CINQ)
    assert (told(), mail.outbox[0].to) == ([references(un)], [kept.user.email])


@pytest.mark.parametrize(
    ("prenoms", "sujet"),
    [
        (["Léa", "Tom"], "2 changements pour Léa et Tom, mardi 8 décembre"),
        (
            ["Marie-Emmanuelle", "Jean-Christophe", "Anne-Sophie", "Charles-Édouard"],
            "4 changements pour 4 enfants, mardi 8 décembre",
        ),
    ],
)
def test_a_subject_has_the_length_of_a_header(famille, at_night, prenoms, sujet):
    camille, *_ = famille
    for nombre, prenom in enumerate(prenoms):
        save(camille, make_enfant(camille, prenom=prenom), 8, "soir", after=nombre * SECONDE)
    work(at_night, CINQ)
    assert subjects() == [sujet]
    assert len(mail.outbox[0].subject) <= 78


def test_task_that_finds_no_save_does_nothing(db):
    tasks.send_enregistrements.func(0)
    assert mail.outbox == []
