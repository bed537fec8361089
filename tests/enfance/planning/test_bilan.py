"""What a weekly pattern says of each child: what changes, what stays of that child, what cannot change and why."""

from datetime import date, datetime, timedelta

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Garde, Inscription, ListeRepas, Repas
from enfance.planning.apercu import build_apercu
from enfance.planning.bilan import apercus_enfants, blocs
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 2, 8, 24, tzinfo=PARIS)
TODAY = NOW.date()
ETE = date(2027, 7, 2)
SEMAINE = ("1 matin", "0 midi", "1 midi", "3 midi", "0 soir", "3 soir")
SANS_JEUDI = SEMAINE[:-1]


@pytest.fixture
def camille():
    AnneeFactory()
    make_creneaux()
    return ResponsableFactory(user__first_name="Camille")


@pytest.fixture
def tom(camille):
    """Tom, who follows a week with a Thursday evening; three of December were chosen by hand before."""
    tom = make_enfant(camille, prenom="Tom")
    tick(camille, *(box(tom, jour) for jour in (3, 10, 17)))
    fill(camille, week(tom, *SEMAINE))
    return tom


def week(enfant, *boxes, debut=TODAY, fin=ETE, depuis=None):
    """« 3 soir »: a Thursday evening."""
    parsed = frozenset((int(un.split()[0]), un.split()[1]) for un in boxes)
    return Modele(enfant.pk, parsed, debut, fin, depuis)


def box(enfant, jour, creneau="soir", mois=12):
    return Cle(enfant.pk, date(2026 if mois == 12 else 2027, mois, jour), creneau)


def tick(parent, *cles, voulu="inscrit", acteur=None):
    fait = enregistrer([Changement(cle, voulu) for cle in cles], acteur or Acteur.parent(parent), now=NOW)
    assert fait.refus == ()


def fill(parent, *modeles, now=NOW, **options):
    return remplir(modeles, Acteur.semaine_type(parent), now=now, **options)


def look(parent, *modeles, **options):
    situation = load_situation(Acteur.semaine_type(parent), TODAY, ETE, now=NOW, modeles=True)
    return build_apercu(situation, modeles, **options)


def bloc_of(parent, enfant, *boxes, **options):
    return blocs(look(parent, week(enfant, *boxes), **options))[enfant.pk]


def vu_of(parent, enfant, *boxes, repris=(), **options):
    apercu = look(parent, week(enfant, *boxes, **options), repris=repris)
    [vu] = [vu for vu in apercus_enfants(apercu, []) if vu.enfant.pk == enfant.pk]
    return vu


def changes(bloc):
    return [f"{plain(nombre)}, {plain(quand)}" for nombre, quand in bloc.changes]


def choix_of(vu):
    return [(plain(c.titre), plain(c.phrase), c.champ, plain(c.bouton), plain(c.quoi)) for c in vu.choix]


# --- « Plus de soir le jeudi » ----------------------------------------------------------------------------------------


def test_what_changes_is_said_with_its_days_and_what_of_the_week_does_not(camille, tom):
    bloc = bloc_of(camille, tom, *SANS_JEUDI)

    assert changes(bloc) == ["21 soirs retirés, tous les jeudis à partir du 7 janvier"]
    assert bloc.semaine == "matin le mardi, midi lundi, mardi et jeudi, soir le lundi"


def test_what_a_hand_chose_stays_and_may_follow(camille, tom):
    vu = vu_of(camille, tom, *SANS_JEUDI)

    phrase = "Vous les aviez choisis à la main : jeudis 3, 10 et 17 décembre"
    assert choix_of(vu) == [("3 soirs restent prévus", phrase, "retirer", "Retirer aussi", "les 3 soirs de Tom")]


def test_what_a_hand_chose_follows_and_may_stay(camille, tom):
    vu = vu_of(camille, tom, *SANS_JEUDI, repris={(tom.pk, False)})

    assert changes(vu.bloc) == ["24 soirs retirés, tous les jeudis"]
    choix = ("3 soirs retirés aussi", "Jeudis 3, 10 et 17 décembre", "garder", "Les garder", "les 3 soirs de Tom")
    assert choix_of(vu) == [choix]
    assert vu.bloc.gardes == []


def test_one_alone_is_said_in_the_singular(camille, tom):
    tick(camille, box(tom, 3), box(tom, 10), voulu="annulee")

    phrase = "Vous l’aviez choisi à la main : jeudi 17 décembre"
    assert choix_of(vu_of(camille, tom, *SANS_JEUDI)) == [
        ("1 soir reste prévu", phrase, "retirer", "Retirer aussi", "le soir de Tom")
    ]
    suivi = vu_of(camille, tom, *SANS_JEUDI, repris={(tom.pk, False)})
    assert choix_of(suivi) == [("1 soir retiré aussi", "Jeudi 17 décembre", "garder", "Le garder", "le soir de Tom")]


@pytest.mark.parametrize("repris", [False, True])
def test_what_a_hand_took_away_stays_so_or_is_added_again(camille, tom, repris):
    tick(camille, box(tom, 7), box(tom, 14), voulu="annulee")

    vu = vu_of(camille, tom, *SEMAINE, repris={(tom.pk, True)} if repris else ())

    if repris:
        assert changes(vu.bloc) == ["2 soirs ajoutés, lundis 7 et 14 décembre"]
        choix = ("2 soirs ajoutés aussi", "Lundis 7 et 14 décembre", "laisser", "Ne pas les ajouter")
    else:
        assert vu.bloc.changes == []
        phrase = "Vous les aviez retirés à la main : lundis 7 et 14 décembre"
        choix = ("2 soirs restent retirés", phrase, "ajouter", "Ajouter aussi")
    assert choix_of(vu) == [(*choix, "les 2 soirs de Tom")]


def test_added_and_taken_away_are_two_choices(camille, tom):
    tick(camille, box(tom, 7), voulu="annulee")

    assert [champ for _, _, champ, _, _ in choix_of(vu_of(camille, tom, *SANS_JEUDI))] == ["retirer", "ajouter"]


def test_several_moments_are_named_each_with_its_days(camille, tom):
    tick(camille, box(tom, 11, "matin"))

    [(titre, phrase, *_)] = choix_of(vu_of(camille, tom, *SANS_JEUDI))

    assert titre == "4 moments restent prévus"
    assert phrase.endswith("à la main : matin, vendredi 11 décembre ; soir, jeudis 3, 10 et 17 décembre")


def test_hand_of_the_town_hall_is_not_said_to_be_the_familys(camille, tom):
    tick(camille, box(tom, 11, "matin"), acteur=Acteur.mairie(StaffFactory().pk, "Appel"))

    assert choix_of(vu_of(camille, tom, *SANS_JEUDI))[0][1].startswith("Choisis à la main : ")


def test_who_waits_is_said_to_wait(camille):
    zoe, noe = make_enfant(camille, prenom="Zoé"), ResponsableFactory()
    Creneau.objects.filter(code="soir").update(places=1)
    tick(noe, box(make_enfant(noe, prenom="Noé"), 11))
    tick(camille, box(zoe, 11), voulu="attente")

    [(titre, phrase, *_)] = choix_of(vu_of(camille, zoe, "0 matin"))

    assert titre == "1 soir reste tel quel"
    assert phrase == "Vous l’aviez choisi à la main : soir, en liste d’attente, vendredi 11 décembre"


# --- Nothing changes --------------------------------------------------------------------------------------------------


def test_child_of_whom_nothing_changes_says_what_a_hand_chose(camille, tom):
    tick(camille, box(tom, 4, "midi"), box(tom, 11, "midi"), box(tom, 11, "matin"))
    tick(camille, box(tom, 14), voulu="annulee")

    bloc = bloc_of(camille, tom, *SEMAINE)

    assert (bloc.nouveau, bloc.changes) == (False, [])
    assert [plain(garde.phrase) for garde in bloc.gardes] == [
        "2 jours choisis à la main restent tels quels : matin, vendredi 11 décembre ; midi, vendredis 4 et 11 décembre",
        "1 jour retiré à la main reste tel quel : soir, lundi 14 décembre",
    ]


def test_week_that_is_another_one_is_new_even_where_nothing_changes(camille):
    lea = make_enfant(camille, prenom="Léa")
    fill(camille, week(lea, "3 soir", fin=date(2026, 12, 18)))
    Inscription.objects.update(origine="portail")

    vu = vu_of(camille, lea, "0 soir", fin=date(2026, 12, 4))

    assert (vu.bloc.nouveau, vu.bloc.changes, [c.champ for c in vu.choix]) == (True, [], ["retirer"])


def test_child_with_nothing_has_nothing_to_say(camille):
    lea = make_enfant(camille, prenom="Léa")

    bloc = bloc_of(camille, lea)

    assert (bloc.nouveau, bloc.changes, bloc.semaine, bloc.gardes, bloc.restes) == (False, [], "", [], [])


def test_those_of_whom_something_changes_come_first(camille, tom):
    aine = make_enfant(camille, prenom="Aimé", date_naissance=date(2014, 1, 1))

    vus = apercus_enfants(look(camille, week(aine), week(tom, *SANS_JEUDI)), [])

    assert [vu.enfant.nom for vu in vus] == ["Tom", "Aimé"]


# --- When -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("boxes", "options", "quand"),
    [
        (["3 soir"], {}, "24 soirs ajoutés, tous les jeudis à partir du 3 décembre"),
        (["0 soir", "3 soir"], {}, "47 soirs ajoutés, tous les lundis et jeudis à partir du jeudi 3 décembre"),
        (["3 soir"], {"fin": date(2026, 12, 18)}, "3 soirs ajoutés, jeudis 3, 10 et 17 décembre"),
        (
            ["3 soir"],
            {"depuis": date(2026, 12, 7)},
            "12 soirs ajoutés, les jeudis, une semaine sur deux, à partir du 10 décembre",
        ),
    ],
)
def test_days_are_said_shortly(camille, boxes, options, quand):
    lea = make_enfant(camille, prenom="Léa")

    assert changes(vu_of(camille, lea, *boxes, **options).bloc) == [quand]


def test_period_that_begins_later_says_all_of_its_days(camille, tom):
    debut = date(2027, 1, 4)

    assert changes(vu_of(camille, tom, *SANS_JEUDI, debut=debut).bloc) == ["21 soirs retirés, tous les jeudis"]


def test_days_with_a_full_one_among_them_are_not_all(camille):
    lea, noe = make_enfant(camille, prenom="Léa"), ResponsableFactory()
    Creneau.objects.filter(code="soir").update(places=1)
    tick(noe, box(make_enfant(noe, prenom="Noé"), 10))

    bloc = bloc_of(camille, lea, "3 soir")

    assert changes(bloc) == ["23 soirs ajoutés, du jeudi 3 décembre au jeudi 1er juillet"]
    assert plain(bloc.complets) == "1 soir est complet : jeudi 10 décembre"


def test_weeks_between_those_of_a_rhythm_are_not_all_of_them(camille, tom):
    dits = changes(vu_of(camille, tom, "0 soir", "3 soir", depuis=date(2026, 12, 7)).bloc)

    assert dits[-1] == "22 soirs retirés, du lundi 14 décembre au jeudi 1er juillet"


def test_ones_own_weeks_are_said_so():
    AnneeFactory()
    make_creneaux()
    camille, autre = ResponsableFactory(), ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    jules = make_enfant(camille, autre, prenom="Jules")
    for parent, depuis in ((camille, date(2026, 12, 7)), (autre, date(2026, 12, 14))):
        Garde.objects.filter(enfant=jules, foyer=parent.foyer).update(rythme="alternee", depuis=depuis)

    bloc = bloc_of(camille, jules, "3 soir")

    assert changes(bloc) == ["12 soirs ajoutés, les jeudis de vos semaines, à partir du 10 décembre"]
    assert plain(bloc.ailleurs).startswith("12 jours, jeudis 3 et 17 décembre")


# --- What cannot change -----------------------------------------------------------------------------------------------


def test_what_cannot_change_is_said_in_the_childs_block(camille):
    lea = make_enfant(camille, prenom="Léa")
    fill(camille, week(lea, "1 midi"))
    liste = ListeRepas.objects.create(debut=TODAY, fin=date(2026, 12, 18))
    Repas.objects.create(enfant=lea, jour=date(2026, 12, 8), liste=liste)
    situation = load_situation(
        Acteur.semaine_type(camille), TODAY, ETE, now=NOW + timedelta(hours=4), modeles=True
    )  # past the limit of the next day

    bloc = blocs(build_apercu(situation, [week(lea, "3 soir")]))[lea.pk]

    assert (plain(bloc.tard), plain(bloc.repas)) == ("soir, jeudi 3 décembre", "midi, mardi 8 décembre")
    assert changes(bloc)[1] == "23 midis retirés, tous les mardis à partir du 15 décembre"


def test_homonyms_are_told_apart(camille):
    for niveau in ("CE2", "CP"):
        enfant = make_enfant(camille, prenom="Marie-Amandine")
        enfant.scolarites.update(niveau=niveau)
        tick(camille, box(enfant, 10))

    vus = apercus_enfants(look(camille, *(week(enfant, "0 soir") for enfant in camille.enfants.all())), [])

    assert [plain(vu.choix[0].quoi) for vu in vus] == [
        "le soir de Marie-Amandine (CE2)",
        "le soir de Marie-Amandine (CP)",
    ]
