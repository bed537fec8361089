"""The semaine type: what it would do, what it leaves alone and why, and that it is written whole and once."""

import time
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection
from django.db.models import Count
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import (
    Creneau,
    Enregistrement,
    Evenement,
    Fermeture,
    Garde,
    Inscription,
    ListeRepas,
    MomentType,
    Repas,
    SemaineType,
)
from enfance.planning.apercu import build_apercu
from enfance.planning.bilan import blocs, fermes_phrases
from enfance.planning.semaines import remplir, vides
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele, modele_now
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.pannes import Fault
from tests.races import at_once
from tests.reading import plain

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
TODAY = NOW.date()
NOEL = date(2026, 12, 18)  # the last day before the holidays
ETE = date(2027, 7, 2)
LUNDI, MARDI, JEUDI, VENDREDI = 0, 1, 3, 4


@pytest.fixture
def famille():
    """Camille, her two children, three créneaux."""
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille")
    return camille, make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")


def week(enfant, *boxes, debut=TODAY, fin=NOEL, depuis=None):
    """« 0 soir »: a Monday evening."""
    parsed = frozenset((int(box.split()[0]), box.split()[1]) for box in boxes)
    return Modele(enfant.pk, parsed, debut, fin, depuis)


def box(enfant, jour, creneau="soir", mois=12, annee=2026):
    return Cle(enfant.pk, date(annee, mois, jour), creneau)


def look(camille, *modeles, now=NOW, **options):
    fin = max(modele.fin for modele in modeles)
    situation = load_situation(Acteur.semaine_type(camille), now.date(), fin, now=now, modeles=True)
    return build_apercu(situation, modeles, **options)


def known(camille):
    """The patterns that are kept, the latest first."""
    return load_situation(Acteur.semaine_type(camille), TODAY, TODAY, now=NOW, modeles=True).modeles


def tick(parent, *cles, voulu="inscrit", now=NOW):
    resultat = enregistrer([Changement(cle, voulu) for cle in cles], Acteur.parent(parent), now=now)
    assert resultat.refus == ()
    return resultat


def fill(camille, *modeles, now=NOW, **options):
    return remplir(modeles, Acteur.semaine_type(camille), now=now, **options)


def states():
    return {
        Cle(i.enfant_id, i.jour, i.creneau.code): i.etat for i in Inscription.objects.select_related("creneau").all()
    }


# --- What a pattern wants ---------------------------------------------------------------------------------------------


def test_every_week_wants_its_boxes_of_each_school_day(famille):
    camille, lea, _ = famille
    apercu = look(camille, week(lea, "0 soir", "3 matin"))
    assert apercu.ajouts == [box(lea, 7), box(lea, 10, "matin"), box(lea, 14), box(lea, 17, "matin")]


@pytest.mark.parametrize(
    ("depuis", "lundis"),
    [
        # 2026 has 53 weeks: « paires / impaires » would slip in January.
        (date(2026, 12, 7), ["12-07", "01-04", "01-18", "02-01", "03-01", "03-15"]),
        (date(2026, 12, 14), ["12-14", "01-11", "01-25", "02-08", "03-08", "03-22"]),
        (date(2026, 9, 3), ["12-07", "01-04", "01-18", "02-01", "03-01", "03-15"]),  # counts from that week's Monday
    ],
)
def test_one_week_in_two_counts_from_its_monday_whatever_the_year_and_the_holidays(famille, depuis, lundis):
    camille, lea, _ = famille
    apercu = look(camille, week(lea, "0 soir", fin=date(2027, 3, 31), depuis=depuis))
    assert [f"{cle.jour:%m-%d}" for cle in apercu.ajouts] == lundis


def test_weeks_between_those_of_a_rhythm_are_emptied_of_what_a_semaine_type_wrote(famille):
    camille, lea, _ = famille
    fill(camille, week(lea, "0 soir"))
    apercu = look(camille, week(lea, "0 soir", depuis=date(2026, 12, 7)))
    assert (apercu.ajouts, apercu.retraits, apercu.inchanges) == ([], [box(lea, 14)], [box(lea, 7)])


def test_of_several_patterns_the_latest_that_covers_a_day_counts(famille):
    camille, lea, _ = famille
    fill(camille, week(lea, "0 soir", fin=ETE))
    fill(camille, week(lea, "1 matin", debut=date(2027, 1, 4), fin=date(2027, 1, 15)), now=NOW + timedelta(minutes=1))
    modeles = known(camille)
    assert look(camille, *modeles).change is False
    janvier = Inscription.objects.inscrit().between(date(2027, 1, 4), date(2027, 1, 19))
    assert sorted(janvier.values_list("jour__day", "creneau__code")) == [(5, "matin"), (12, "matin"), (18, "soir")]
    assert modele_now(modeles, lea.pk, TODAY).boxes == {(LUNDI, "soir")}
    assert modele_now(modeles, lea.pk, date(2027, 1, 6)).boxes == {(MARDI, "matin")}
    assert modele_now(modeles, lea.pk, date(2027, 1, 18)).boxes == {(LUNDI, "soir")}


# --- What it leaves alone ---------------------------------------------------------------------------------------------


def test_days_past_their_limit_are_left_and_said(famille):
    camille, lea, _ = famille
    apercu = look(camille, week(lea, "3 soir", "4 soir"))
    assert apercu.tard == [box(lea, 3), box(lea, 4)]
    assert plain(blocs(apercu)[lea.pk].tard) == "soir, jeudi 3 et vendredi 4 décembre"
    assert box(lea, 3) not in apercu.ajouts


@pytest.mark.parametrize("voulu", ["inscrit", "annulee"])
def test_boxes_changed_by_hand_are_kept_unless_asked(famille, voulu):
    camille, lea, tom = famille
    fill(camille, week(lea, "0 soir"))
    if voulu == "inscrit":
        tick(camille, box(lea, 8))
        garde, modele = box(lea, 8), week(lea, "0 soir")
    else:
        tick(camille, box(lea, 7), voulu="annulee")
        garde, modele = box(lea, 7), week(lea, "0 soir")

    apercu = look(camille, modele)

    assert (apercu.mains, apercu.change) == ([garde], False)
    mots = "choisi à la main reste tel quel : soir, mardi 8"
    if voulu == "annulee":
        mots = "retiré à la main reste tel quel : soir, lundi 7"
    assert [plain(garde.phrase) for garde in blocs(apercu)[lea.pk].gardes] == [f"1 jour {mots} décembre"]
    ajoute = voulu == "annulee"
    assert look(camille, modele, repris={(lea.pk, not ajoute), (tom.pk, ajoute)}).mains == [garde]
    suivi = look(camille, modele, repris={(lea.pk, ajoute)})
    assert (suivi.mains, suivi.ajouts + suivi.retraits, suivi.repris) == ([], [garde], [garde])


def test_what_a_closure_cancelled_is_nobodys_hand(famille):
    camille, lea, _ = famille
    fill(camille, week(lea, "0 soir"))
    Inscription.objects.filter(jour=date(2026, 12, 7)).update(etat="annulee", origine="fermeture")
    assert look(camille, week(lea, "0 soir")).ajouts == [box(lea, 7)]


def test_applied_again_it_removes_only_what_a_semaine_type_wrote(famille):
    camille, lea, _ = famille
    fill(camille, week(lea, "0 soir", "1 soir"))
    tick(camille, box(lea, 10), box(lea, 7, "matin"))
    fill(camille, week(lea, "1 soir"), now=NOW + timedelta(hours=1))
    assert {cle for cle, etat in states().items() if etat == "inscrit"} == {
        box(lea, 8),
        box(lea, 15),
        box(lea, 10),
        box(lea, 7, "matin"),
    }


def test_a_lunch_break_under_a_meal_stays(famille):
    camille, _, tom = famille
    fill(camille, week(tom, "1 midi"))
    liste = ListeRepas.objects.create(debut=TODAY, fin=NOEL)
    Repas.objects.create(enfant=tom, jour=date(2026, 12, 8), liste=liste)
    apercu = look(camille, week(tom, "1 soir"))
    assert (apercu.repas, apercu.retraits) == ([box(tom, 8, "midi")], [box(tom, 15, "midi")])
    fill(camille, week(tom, "1 soir"), now=NOW + timedelta(hours=1))
    assert states()[box(tom, 8, "midi")] == "inscrit"


def test_days_of_the_other_foyer_are_neither_filled_nor_emptied():
    AnneeFactory()
    make_creneaux()
    camille, autre = ResponsableFactory(), ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    jules = make_enfant(camille, autre, prenom="Jules")
    for parent, depuis in ((camille, date(2026, 12, 7)), (autre, date(2026, 12, 14))):
        Garde.objects.filter(enfant=jules, foyer=parent.foyer).update(rythme="alternee", depuis=depuis)
    tick(autre, box(jules, 15))

    apercu = look(camille, week(jules, "0 soir"))

    assert apercu.ajouts == [box(jules, 7)]
    assert apercu.ailleurs == [box(jules, 14), box(jules, 15)]
    fill(camille, week(jules, "0 soir"))
    assert states() == {box(jules, 7): "inscrit", box(jules, 15): "inscrit"}
    assert known(autre) == ()


def test_holidays_are_silent_and_closed_days_said(famille):
    camille, lea, _ = famille
    Fermeture.objects.create(debut=date(2026, 12, 15), fin=date(2026, 12, 15), motif="formation de l’équipe")
    apercu = look(camille, week(lea, "1 soir", fin=date(2027, 1, 5)))
    assert [cle.jour.day for cle in apercu.ajouts] == [8, 5]
    assert fermes_phrases(apercu) == ["mardi 15\u00a0décembre (garderie fermée\u00a0: formation de l’équipe)"]


# --- Places -----------------------------------------------------------------------------------------------------------


def test_full_boxes_are_left_out_unless_the_waiting_list_is_asked(famille):
    camille, lea, tom = famille
    noe = ResponsableFactory()
    tick(noe, box(make_enfant(noe, prenom="Noé"), 7))
    Creneau.objects.filter(code="soir").update(places=1)
    modeles = week(lea, "0 soir"), week(tom, "0 soir")

    apercu = look(camille, *modeles)

    assert apercu.ajouts == [box(lea, 14)]
    assert apercu.complets == [box(lea, 7), box(tom, 7), box(tom, 14)]  # the second child finds the last place taken
    resultat = fill(camille, *modeles)
    assert (len(resultat.evenements), resultat.refus) == (1, ())
    fill(camille, *modeles, attente=True, now=NOW + timedelta(minutes=1))
    assert {cle: etat for cle, etat in states().items() if cle.enfant in (lea.pk, tom.pk)} == {
        box(lea, 7): "attente",
        box(tom, 7): "attente",
        box(tom, 14): "attente",
        box(lea, 14): "inscrit",
    }
    apres = look(camille, *modeles)
    assert (apres.complets, apres.attentes) == ([], [box(lea, 7), box(tom, 7), box(tom, 14)])
    assert plain(blocs(apres)[lea.pk].deja) == "soir, n° 1, lundi 7 décembre"


def test_place_that_a_child_gives_up_is_the_others(famille):
    camille, lea, tom = famille
    Creneau.objects.filter(code="soir").update(places=1)
    fill(camille, week(tom, "0 soir"))
    modeles = week(lea, "0 soir"), week(tom, "1 matin")

    apercu = look(camille, *modeles)

    assert (apercu.retraits, apercu.complets) == ([box(tom, 7), box(tom, 14)], [])
    fait = fill(camille, *modeles, now=NOW + timedelta(minutes=1))
    assert (len(fait.evenements), fait.refus) == (len(apercu.ajouts) + len(apercu.retraits), ())
    assert states()[box(lea, 7)] == "inscrit"


def test_a_waiting_list_is_left_when_the_pattern_wants_it_no_more_even_past_the_limit(famille):
    camille, lea, tom = famille
    noe = ResponsableFactory()
    tick(noe, box(make_enfant(noe, prenom="Noé"), 7))
    Creneau.objects.filter(code="soir").update(places=1)
    fill(camille, week(lea, "0 soir"), attente=True)
    tard = datetime(2026, 12, 4, 13, 0, tzinfo=PARIS)
    assert look(camille, week(lea, "1 soir"), now=tard).retraits == [box(lea, 7), box(lea, 14)]


# --- An empty pattern -------------------------------------------------------------------------------------------------


def test_an_empty_pattern_asks_only_where_it_would_clear(famille):
    camille, lea, tom = famille
    fill(camille, week(lea, "0 soir"))
    modeles = [week(lea), week(tom)]
    assert vides(look(camille, *modeles)) == {lea.pk}
    resultat = fill(camille, week(lea), now=NOW + timedelta(hours=1))
    assert [evenement.apres for evenement in resultat.evenements] == ["annulee", "annulee"]
    assert vides(look(camille, *modeles)) == set()
    assert known(camille)[0].boxes == frozenset()


def test_an_empty_pattern_asks_where_it_would_end_one_that_is_followed_even_without_a_box_to_clear(famille):
    camille, lea, _ = famille
    fill(camille, week(lea, "0 soir"))
    tick(camille, box(lea, 7), box(lea, 14), voulu="annulee")
    apercu = look(camille, week(lea))
    assert (apercu.retraits, vides(apercu)) == ([], {lea.pk})


# --- Written ----------------------------------------------------------------------------------------------------------


def test_one_save_one_mail_one_reference_for_all_the_children(famille):  # VAL-04
    camille, lea, tom = famille
    resultat = fill(camille, week(lea, "0 soir"), week(tom, "1 midi", "3 matin"))
    enregistrement = Enregistrement.objects.get()
    assert (resultat.enregistrement, enregistrement.porte) == (enregistrement, "semaine_type")
    assert enregistrement.auteur == camille.user
    assert Evenement.objects.filter(enregistrement=enregistrement).count() == 6
    assert set(Inscription.objects.values_list("origine", "foyer")) == {("semaine_type", camille.foyer_id)}
    assert DBTaskResult.objects.count() == 1
    again = fill(camille, week(lea, "0 soir"), week(tom, "1 midi", "3 matin"), now=NOW + timedelta(seconds=1))
    assert again.enregistrement is None
    assert SemaineType.objects.count() == 2


def test_what_the_other_adult_changed_since_the_preview_is_kept(famille):  # VAL-05
    camille, lea, tom = famille
    dominique = ResponsableFactory(foyer=camille.foyer)
    lea.responsabilites.create(responsable=dominique)
    look(camille, week(lea, "0 soir"))
    tick(dominique, box(lea, 8))
    tick(dominique, box(lea, 7))
    tick(dominique, box(lea, 7), voulu="annulee")
    fill(camille, week(lea, "0 soir"))
    assert states() == {box(lea, 7): "annulee", box(lea, 8): "inscrit", box(lea, 14): "inscrit"}


def test_nothing_is_applied_again_by_itself_but_offered(famille):
    camille, lea, _ = famille
    ferme = Fermeture.objects.create(debut=date(2026, 12, 14), fin=date(2026, 12, 14), motif="grève")
    fill(camille, week(lea, "0 soir"))
    assert [inscription.jour.day for inscription in Inscription.objects.all()] == [7]
    ferme.delete()
    modeles = known(camille)
    assert [inscription.jour.day for inscription in Inscription.objects.all()] == [7]
    assert look(camille, *modeles).ajouts == [box(lea, 14)]


def fill_a_year(fois: int):
    """A function that fills a year of four children: the first time, or the second, when cancelled rows are taken up
    again."""
    annee = AnneeFactory()
    make_creneaux()
    Creneau.objects.update(places=40)
    camille = ResponsableFactory()
    boxes = [f"{jour} {creneau}" for jour in (0, 1, 3, 4) for creneau in ("matin", "midi", "soir")]
    modeles = [
        week(make_enfant(camille, prenom=f"Enfant{n}"), *boxes, debut=annee.debut, fin=annee.fin) for n in range(4)
    ]
    rentree = datetime(2026, 8, 25, 20, 41, tzinfo=PARIS)
    if fois == 2:
        fill(camille, *modeles, now=rentree)
        fill(camille, *[week_of(modele, frozenset()) for modele in modeles], now=rentree + timedelta(minutes=1))
    return partial(fill, camille, *modeles, now=rentree + timedelta(minutes=2))


@pytest.mark.ci
@pytest.mark.parametrize("fois", [1, 2])
def test_four_children_for_a_year_are_written_in_a_few_queries(fois, django_assert_max_num_queries):
    fill_all = fill_a_year(fois)

    with django_assert_max_num_queries(40):
        resultat = fill_all()

    assert len(resultat.evenements) == 4 * 3 * 140


@pytest.mark.lent
@pytest.mark.parametrize("fois", [1, 2])
def test_four_children_for_a_year_are_written_within_a_second(fois):
    fill_all = fill_a_year(fois)
    debut = time.process_time()

    fill_all()

    assert time.process_time() - debut < 1


def week_of(modele, boxes):
    return Modele(modele.enfant, boxes, modele.debut, modele.fin, modele.depuis)


@pytest.mark.ci
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_query_leaves_all_or_nothing(done):  # REL-03
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    fill(camille, week(lea, "0 soir"))
    modeles = (Inscription, Evenement, Enregistrement, SemaineType, MomentType, DBTaskResult)
    avant = [list(modele.objects.order_by("pk").values_list()) for modele in modeles]
    for n in range(1, 60):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                fill(camille, week(lea, "1 soir", "3 midi"), now=NOW + timedelta(minutes=1))
        except OperationalError:
            assert [list(modele.objects.order_by("pk").values_list()) for modele in modeles] == avant, f"query {n}"
        else:
            break
    assert 20 < n < 59  # the last one had no fault: every query has had one
    assert [(modele.enfant, len(modele.boxes)) for modele in known(camille)] == [(lea.pk, 2), (lea.pk, 1)]


@pytest.mark.django_db(transaction=True)
def test_two_years_filled_at_once_never_pass_the_places():  # VAL-02
    AnneeFactory()
    make_creneaux()
    Creneau.objects.update(places=1)
    familles = [(parent, make_enfant(parent)) for parent in (ResponsableFactory(), ResponsableFactory())]

    at_once(
        *(lambda p=parent, e=enfant: fill(p, week(e, "0 soir", "1 midi"), attente=True) for parent, enfant in familles)
    )

    par_case = Inscription.objects.inscrit().values_list("jour", "creneau").annotate(n=Count("pk"))
    assert {n for *_, n in par_case} == {1}
    assert Inscription.objects.filter(etat="attente").count() == len(par_case) == 4
