"""The mails that a save causes: what they say, to whom, and that the other foyer stays unnamed."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.cantine.liste_repas import lire
from enfance.cantine.repas import importer
from enfance.courriels import confirmation, tasks
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Inscription, ListeRepas, Repas
from enfance.planning import repas
from enfance.planning.annulation import annuler
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from portail.dates import PARIS
from portail.tables import Fichier
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.reading import body_of, plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
Etat = Inscription.Etat


@pytest.fixture
def famille(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille")
    return camille, make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")


def save(acteur, *changements):
    return enregistrer(changements, acteur, now=NOW).enregistrement


def test_confirmation_says_each_change_once_with_its_reference(famille):  # LEG-04
    camille, lea, tom = famille
    enregistrement = save(
        Acteur.parent(camille),
        Changement(Cle(lea.pk, date(2026, 12, 8), "soir"), Etat.INSCRIT),
        Changement(Cle(lea.pk, date(2026, 12, 11), "soir"), Etat.INSCRIT),
        Changement(Cle(tom.pk, date(2026, 12, 8), "midi"), Etat.INSCRIT),
    )
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    [message] = mail.outbox
    assert plain(message.subject) == "3 changements pour Léa et Tom, du 8 au 11 décembre"
    assert message.to == [camille.user.email]
    assert plain(message.body).splitlines()[:12] == [
        "Bonjour Camille,",
        "",
        "C’est enregistré, le jeudi 3 décembre à 20 h 41.",
        f"Référence {enregistrement.pk}.",
        "",
        "LÉA",
        "+ mardi 8 décembre, soir (16 h 30 – 18 h 30)",
        "+ vendredi 11 décembre, soir (16 h 30 – 18 h 30)",
        "",
        "TOM",
        "+ mardi 8 décembre, midi (pause méridienne)",
        "",
    ]
    assert "Vous pouvez modifier mardi 8 jusqu’au lundi 7 décembre, 12 h :" in body_of(message)
    assert max(len(line) for line in message.body.splitlines() if "http" not in line) <= 76


def test_confirmation_says_which_meals_to_settle(famille):
    camille, lea, tom = famille
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    Repas.objects.create(enfant=tom, jour=date(2026, 12, 10), liste=liste)
    par = Acteur.parent(camille)
    save(par, Changement(Cle(lea.pk, date(2026, 12, 8), "midi"), Etat.INSCRIT))
    changes = ((lea, 8, Etat.ANNULEE), (lea, 11, Etat.INSCRIT), (tom, 10, Etat.INSCRIT))
    voulus = [Changement(Cle(enfant.pk, date(2026, 12, jour), "midi"), etat) for enfant, jour, etat in changes]
    tasks.send_confirmation.func(save(par, *voulus).pk, camille.user_id)
    [message] = mail.outbox
    phrases = (
        "Les repas de midi se commandent à part, auprès de l’association de la cantine. "
        "Pensez à commander le repas de Léa (vendredi 11 décembre). "
        "Pensez à annuler le repas de Léa (mardi 8 décembre). "
        "Le repas de Tom (jeudi 10 décembre) est déjà commandé."
    )
    assert phrases in body_of(message)
    assert phrases in plain(message.alternatives[0].content)


def test_confirmation_names_the_children_in_the_order_of_the_pages(famille):
    camille, lea, tom = famille
    tom.date_naissance = lea.date_naissance - timedelta(days=400)
    tom.save()
    cles = [Cle(enfant.pk, date(2026, 12, 8), "soir") for enfant in (lea, tom)]
    enregistrement = save(Acteur.parent(camille), *(Changement(cle, Etat.INSCRIT) for cle in cles))
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    assert plain(mail.outbox[0].subject) == "2 changements pour Tom et Léa, mardi 8 décembre"


def test_confirmation_names_neither_family_nor_class(famille):
    camille, lea, _ = famille
    enregistrement = save(Acteur.parent(camille), Changement(Cle(lea.pk, date(2026, 12, 8), "soir"), Etat.INSCRIT))
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    [message] = mail.outbox
    everything = message.subject + message.body + message.alternatives[0].content
    assert [word for word in ("Morel", "CE1", "PAI") if word in everything] == []


def test_change_by_the_town_hall_is_told_once_an_address_to_who_may_see_the_child(famille):
    camille, lea, _ = famille
    meme_adresse = ResponsableFactory(user__email=camille.user.email.upper(), foyer=camille.foyer)
    autre_foyer = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    suspendu = ResponsableFactory()
    ResponsableFactory(foyer=camille.foyer)  # a step-parent: no responsabilité
    for adulte in (meme_adresse, autre_foyer):
        lea.responsabilites.create(responsable=adulte)
    lea.responsabilites.create(responsable=suspendu, suspendue=True)
    mairie = Acteur.mairie(StaffFactory().pk, "Appel de la famille")
    enregistrement = save(mairie, Changement(Cle(lea.pk, date(2026, 12, 4), "soir"), Etat.INSCRIT))
    tasks.tell_family.func(enregistrement.pk)
    told = [r.args_kwargs["args"][1] for r in DBTaskResult.objects.filter(task_path__endswith="send_confirmation")]
    assert sorted(told) == sorted([camille.user_id, autre_foyer.user_id])
    tasks.send_confirmation.func(enregistrement.pk, autre_foyer.user_id)
    assert "La mairie a changé le planning" in mail.outbox[0].body


def test_adult_may_know_of_their_own_children_and_no_longer_once_suspended(famille):
    """Another guardian of the same children is not suspended."""
    camille, lea, tom = famille
    beau_pere, suspendu = ResponsableFactory(), ResponsableFactory()
    tom.responsabilites.create(responsable=beau_pere)
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    for enfant in (lea, tom):
        enfant.responsabilites.create(responsable=suspendu, suspendue=True)
        Repas.objects.create(enfant=enfant, jour=date(2026, 12, 8), liste=liste)
    par, midis = Acteur.parent(camille), [Cle(enfant.pk, date(2026, 12, 8), "midi") for enfant in (lea, tom)]
    enregistrement = save(par, *(Changement(cle._replace(creneau="soir"), Etat.INSCRIT) for cle in midis))
    dit = repas.annuler(midis, par, now=NOW).enregistrement

    for adulte, enfants in ((camille, [lea, tom]), (beau_pere, [tom]), (suspendu, [])):
        assert [e.enfant for e in confirmation.visible_events(enregistrement, adulte.user)] == enfants
        assert [e.enfant for e in confirmation.visible_dits([dit], adulte.user)] == enfants


def test_mail_that_undoes_and_changes_is_not_one_of_an_undoing(famille):
    camille, lea, tom = famille
    par = Acteur.parent(camille)
    un, deux = (
        save(par, Changement(Cle(enfant.pk, date(2026, 12, jour), "soir"), Etat.INSCRIT))
        for enfant, jour in ((lea, 8), (tom, 11))
    )
    defait = annuler(un.pk, camille, now=NOW).par

    context = confirmation.confirmation_context([deux, defait], camille.user, now=NOW)

    assert plain(context["sujet"]) == "2 changements pour Léa et Tom, du 8 au 11 décembre"
    assert (context["annule"], context["reference"]) == (False, defait.pk)


def test_confirmation_without_address_sends_nothing(famille):
    camille, lea, _ = famille
    camille.user.email = ""
    camille.user.save()
    enregistrement = save(Acteur.parent(camille), Changement(Cle(lea.pk, date(2026, 12, 8), "soir"), Etat.INSCRIT))
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    assert mail.outbox == []


def boxes(*moments):
    return frozenset((jour, creneau) for creneau, jours in moments for jour in jours)


def fill(camille, *modeles):
    return remplir(modeles, Acteur.semaine_type(camille), now=NOW).enregistrement


def test_semaine_type_is_one_mail_that_counts(famille):
    camille, lea, tom = famille
    periode = (date(2026, 12, 3), date(2027, 7, 2))
    save(Acteur.parent(camille), Changement(Cle(tom.pk, date(2027, 1, 21), "soir"), Etat.INSCRIT))
    save(Acteur.parent(camille), Changement(Cle(tom.pk, date(2027, 1, 21), "soir"), Etat.ANNULEE))
    DBTaskResult.objects.all().delete()
    enregistrement = fill(
        camille,
        Modele(lea.pk, boxes(("matin", [0]), ("midi", [0, 1, 3, 4])), *periode),
        Modele(tom.pk, boxes(("soir", [0, 3])), *periode),
    )
    assert DBTaskResult.objects.count() == 1
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    [message] = mail.outbox
    sujet = plain(message.subject)
    assert sujet == "Garderie : 161 moments ajoutés pour Léa et Tom, jusqu’au 2 juillet"
    assert " ".join(body_of(message).split()).partition(" Une question")[0] == (
        "Bonjour Camille, C’est enregistré, le jeudi 3 décembre à 20 h 41 : 161 moments ajoutés, 1 jour gardé. "
        "Du lundi 7 décembre 2026 au vendredi 2 juillet 2027, toutes les semaines. "
        f"Référence {enregistrement.pk}. "
        "LÉA 23 matins ajoutés, tous les lundis à partir du 7 décembre "
        "93 midis ajoutés, tous les lundis, mardis, jeudis et vendredis à partir du lundi 7 décembre "
        "Trop tard pour changer ici : midi, jeudi 3 et vendredi 4 décembre "
        "TOM 45 soirs ajoutés, du lundi 7 décembre au jeudi 1er juillet "
        "1 jour retiré à la main reste tel quel : soir, jeudi 21 janvier "
        "Trop tard pour changer ici : soir, jeudi 3 décembre "
        "Un jour à changer ? Modifiable jusqu’à la veille, 12 h (le vendredi pour le lundi). "
        "http://127.0.0.1:8000/planning/2026-12/ "
        "Les repas se commandent à part, auprès de l’association de la cantine. Pensez à commander le repas de Léa "
        "(93 jours du lundi 7 décembre au vendredi 2 juillet)."
    )


def test_semaine_type_undone_before_its_mail_is_told_as_changes_that_are_counted(famille):
    camille, lea, _ = famille
    enregistrement = fill(camille, Modele(lea.pk, boxes(("soir", [0, 1])), date(2026, 12, 3), date(2027, 7, 2)))
    annulation = annuler(enregistrement.pk, camille, now=NOW)
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    tasks.send_confirmation.func(annulation.par.pk, camille.user_id)
    fait, defait = mail.outbox
    assert "+ soir, 47 jours du lundi 7 décembre au mardi 29 juin" in body_of(fait)
    assert plain(defait.subject) == "47 changements annulés pour Léa, du 7 décembre au 29 juin"
    assert "C’est annulé, le jeudi 3 décembre à 20 h 41." in body_of(defait)
    assert "− soir, 47 jours du lundi 7 décembre au mardi 29 juin" in body_of(defait)


def test_mail_of_a_lunch_break_registered_by_the_list_says_why(famille, settings):
    settings.REPAS_INSCRIT_D_OFFICE = True
    camille, _, tom = famille
    importer(lire(Fichier("repas.csv", "nom,prénom,date\nMorel,Tom,08/12/2026".encode())), now=NOW)
    enregistrement = tom.evenements.get().enregistrement
    tasks.tell_family.func(enregistrement.pk)
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    [message] = mail.outbox
    texte = " ".join(body_of(message).split())
    assert plain(message.subject) == "Cantine : 1 midi ajouté pour Tom"
    assert "La mairie a fait l’inscription, le jeudi 3 décembre à 20 h 41." in texte
    assert "+ mardi 8 décembre, midi (pause méridienne)" in texte
    assert "Annulez-les auprès de l’association de la cantine, puis dites-le sur la page du jour" in texte
    assert f"{settings.SITE_URL}/jour/2026-12-08/" in texte
