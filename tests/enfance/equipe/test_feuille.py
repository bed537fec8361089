"""Who is on a sheet, in which order, and what is said of each."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db.models import Exists, FilteredRelation, OuterRef, Q, Subquery

from enfance.ecoles import nom_ecole
from enfance.equipe.appel import PARTI, PRESENT
from enfance.equipe.eleves import eleves_of, noms_of
from enfance.equipe.encadrement import DE_6, Taux
from enfance.equipe.enfants import EnfantAppel, load_enfants
from enfance.equipe.etat import etat_of
from enfance.equipe.jours import jour_propose
from enfance.equipe.pointages import AdultesRecus, noter_adultes, rouvrir, terminer
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import (
    Absence,
    AnneeScolaire,
    Creneau,
    Fermeture,
    Inscription,
    PersonneAutorisee,
    Pointage,
    Scolarite,
)
from enfance.natures import NatureFermeture
from tests.enfance.equipe.feuille import ligne, load, pointer, venu
from tests.enfance.gate import JEUDI, NOW, at, inscrire, tap
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)
from tests.reading import plain

pytestmark = pytest.mark.django_db
VENDREDI = date(2026, 12, 11)


@pytest.fixture(autouse=True)
def school(db):
    AnneeFactory()
    make_creneaux()


def noms(lignes):
    return [ligne.nom for ligne in lignes]


# --- Who is on it -----------------------------------------------------------------------------------------------------


def test_feuille_is_in_the_order_of_a_list_on_paper():
    for prenom, nom in [("Zoé", "D’Angelo"), ("Léa", "Émery"), ("Tom", "Du Bois"), ("Ana", "Emery"), ("Noé", "Dubois")]:
        venu(prenom, nom=nom)
    assert noms(load().lignes) == ["Zoé D’Angelo", "Noé Dubois", "Tom Du Bois", "Ana Emery", "Léa Émery"]


def test_feuille_keeps_those_who_wait_apart_in_their_rank():
    tom, lea, ana = (
        venu(prenom, etat=etat) for prenom, etat in [("Tom", "attente"), ("Léa", "inscrit"), ("Ana", "attente")]
    )
    for enfant, minutes in ((tom, 5), (ana, 9)):
        enfant.inscriptions.update(attente_depuis=NOW - timedelta(minutes=minutes))
    attendus, attente = load().groupes
    assert (noms(attendus.lignes), attente.titre) == (
        [str(lea)],
        "Liste d’attente, à accueillir s’il reste de la place",
    )
    assert [(ligne.nom, ligne.rang) for ligne in attente.lignes] == [(str(ana), 1), (str(tom), 2)]


def test_feuille_shows_who_came_without_being_registered():
    lea, tom = make_enfant(), make_enfant(prenom="Tom")
    inscrire(tom, etat="annulee")
    pointer(tap(lea), tap(tom), tap(make_enfant(prenom="Ana"), coche=False))
    [groupe] = load().groupes
    assert (groupe.titre, noms(groupe.lignes)) == ("Présents sans inscription", [str(lea), str(tom)])


def test_feuille_holds_its_own_creneau_and_day_alone():
    lea = venu()
    venu("Tom", "midi")
    inscrire(venu("Ana", etat="annulee"), jour=VENDREDI)
    assert noms(load().lignes) == [str(lea)]


def test_feuille_keeps_a_pupil_who_has_left_since():
    lea = venu()
    lea.scolarites.update(depart=VENDREDI)
    assert noms(load().lignes) == [str(lea)]


@pytest.mark.parametrize("n", [1, 3, 80])
def test_feuille_of_today_costs_seven_queries_and_of_another_day_six(django_assert_num_queries, n):
    enfants = [venu(f"Enfant {rang}") for rang in range(n)]
    for enfant in enfants:
        PersonneAutorisee.objects.create(enfant=enfant, nom="Odile Morel")
        enfant.responsabilites.create(responsable=ResponsableFactory(telephone="06 39 98 00 01"))
    pointer(*(tap(enfant) for enfant in enfants[: n // 2]))
    for now, queries in ((NOW, 7), (NOW + timedelta(days=1), 6)):
        with django_assert_num_queries(queries):
            assert len(load(now=now).lignes) == n


@pytest.mark.parametrize("n", [1, 3, 80])
def test_feuille_with_forbidden_persons_costs_one_query_more(django_assert_num_queries, n):
    for rang in range(n):
        enfant = venu(f"Enfant {rang}")
        PersonneAutorisee.objects.create(enfant=enfant, nom="Jean Dupont", interdite=True)
        enfant.demandes_autorisation.create(nom="J. Dupont")
    with django_assert_num_queries(7):
        assert all(ligne.interdits[0].alerte for ligne in load().lignes)


# --- What is said of each ---------------------------------------------------------------------------------------------


def test_ligne_tells_what_was_tapped():
    lea = venu()
    pointer(tap(lea, PRESENT, a=at(16, 31)), tap(lea, PARTI, a=at(18, 42)), now=at(18, 50))
    vue = ligne()
    assert (vue.present, vue.parti, vue.depart) == (True, True, "18\u00a0h\u00a042")
    assert vue.retard == "Départ à 18\u00a0h\u00a042, 12\u00a0minutes après la fin"
    assert load().avant == f"{lea.pk}:present {lea.pk}:parti"


def test_ligne_says_no_hour_of_a_tap_of_another_day():
    lea = venu()
    pointer(tap(lea, PARTI, a=NOW + timedelta(days=1)), now=NOW + timedelta(days=1))
    assert (ligne().parti, ligne().depart) == (True, "")


def test_ligne_says_the_class_of_homonyms():
    first, _ = venu(), venu()
    classe = ClasseFactory(nom="CE1 M. Frêne")
    first.scolarites.update(classe=classe)
    venu("Tom")
    assert sorted(ligne.classe for ligne in load().lignes) == ["CE1", "CE1 M. Frêne", "CE1, CE1-CE2 Mme Sorbier"]


@pytest.mark.parametrize(
    ("fields", "sante"),
    [
        ({}, ""),
        ({"pai": True}, "PAI"),
        ({"pai": True, "pai_fin": JEUDI}, "PAI"),
        ({"pai": True, "pai_fin": JEUDI - timedelta(days=1)}, ""),
        ({"consigne": "Allergie aux noix."}, "Consigne"),
        ({"pai": True, "pai_fin": JEUDI - timedelta(days=1), "consigne": "Allergie aux noix."}, "Consigne"),
    ],
)
def test_ligne_says_that_there_is_something_to_read_never_what(fields, sante):
    venu(**fields)
    assert ligne().sante == sante
    assert "noix" not in repr(ligne())


@pytest.mark.parametrize(
    ("fields", "autorises", "interdits"),
    [
        ({}, ["Odile Morel (tante)"], []),
        ({"interdite": True}, [], ["Odile Morel (tante)"]),
        ({"debut": VENDREDI}, [], []),
        ({"debut": JEUDI, "fin": JEUDI}, ["Odile Morel (tante)"], []),
        ({"fin": JEUDI - timedelta(days=1)}, [], []),
        ({"retiree_le": NOW}, [], []),
        ({"interdite": True, "retiree_le": NOW}, [], []),
    ],
)
def test_ligne_says_who_may_fetch_that_day_and_who_may_not(fields, autorises, interdits):
    PersonneAutorisee.objects.create(enfant=venu(), nom="Odile Morel", lien="tante", **fields)
    assert ([*map(str, ligne().autorises)], [*map(str, ligne().interdits)]) == (autorises, interdits)


def test_absence_told_by_a_parent_is_said_and_not_expected():
    lea, _ = venu(), venu("Tom")
    Absence.objects.create(enfant=lea, jour=JEUDI)
    Absence.objects.create(enfant=lea, jour=VENDREDI)
    feuille = load()
    assert ([ligne.absence for ligne in feuille.lignes], feuille.nombre_attendus) == ([True, False], 1)


# --- The whole sheet --------------------------------------------------------------------------------------------------


def test_feuille_counts():
    lea, tom, _ = (venu(prenom) for prenom in ("Léa", "Tom", "Ana"))
    venu("Noé", "midi")
    pointer(
        tap(lea), tap(tom, a=at(16, 31)), tap(tom, PARTI, a=at(16, 55)), tap(make_enfant(prenom="Eva")), now=at(17, 12)
    )
    feuille = load()
    assert (feuille.nombre_attendus, feuille.presents, feuille.dernier) == (3, 2, "17\u00a0h\u00a012")
    assert (noms(feuille.encore), feuille.encore_noms) == (["Eva Morel", str(lea)], f"Eva Morel et {lea}")
    assert noms(feuille.absents) == ["Ana Morel"]
    assert [(onglet.creneau.code, onglet.inscrits) for onglet in feuille.onglets] == [
        ("matin", 0),
        ("midi", 1),
        ("soir", 3),
    ]


@pytest.mark.parametrize(
    ("inscrits", "venus", "attente", "comptes"),
    [
        (0, 0, 0, (0, "présent sur 0\u00a0attendu")),
        (1, 0, 0, (1, "présent sur 1\u00a0attendu")),
        (3, 0, 1, (3, "présents sur 3\u00a0attendus et 1\u00a0venu sans inscription")),
        (2, 1, 1, (2, "présents sur 2\u00a0attendus et 2\u00a0venus sans inscription")),
    ],
)
def test_who_was_expected_is_counted_apart_from_who_came_besides(inscrits, venus, attente, comptes):
    here = [venu(f"Inscrit {n}") for n in range(inscrits)]
    here += [venu(f"Attente {n}", etat="attente") for n in range(attente)]
    here += [make_enfant(prenom=f"Venu {n}") for n in range(venus)]
    pointer(*map(tap, here))
    assert (load().presents, load().comptes) == comptes


def test_child_told_absent_who_came_all_the_same_was_expected():
    lea, _ = venu(), venu("Tom")
    Absence.objects.create(enfant=lea, jour=JEUDI)
    pointer(tap(lea))
    assert (load().presents, load().comptes) == (1, "présent sur 2\u00a0attendus")


def test_adults_needed_are_of_those_who_are_still_there():
    petit, grand, parti, _ = (
        venu(prenom, date_naissance=naissance)
        for prenom, naissance in [
            ("Petit", date(2020, 12, 11)),
            ("Grand", date(2020, 12, 10)),
            ("Parti", date(2022, 1, 1)),
            ("Absent", date(2022, 1, 1)),
        ]
    )
    pointer(tap(petit), tap(grand), tap(parti), tap(parti, PARTI))
    encadrement = load().encadrement
    assert (encadrement.moins6, encadrement.plus6, encadrement.taux) == (1, 1, Taux(10, 14))
    assert (encadrement.phrase, encadrement.declaree) == ("Il faut 2\u00a0adultes pour 2\u00a0enfants", False)
    assert {ligne.nom: ligne.tranche for ligne in load().lignes}["Grand Morel"] == DE_6


@pytest.mark.parametrize(
    ("pedt", "fin", "taux"),
    [(False, time(18, 30), Taux(10, 14)), (True, time(18, 30), Taux(14, 18)), (True, time(22), Taux(10, 14))],
)
def test_figures_are_those_of_the_year_and_of_the_hours(pedt, fin, taux):
    AnneeScolaire.objects.update(declaree=True, pedt=pedt)
    Creneau.objects.filter(code="soir").update(fin=fin)
    encadrement = load().encadrement
    assert (encadrement.declaree, encadrement.taux) == (True, taux)
    assert load(date(2026, 12, 9), "").encadrement is None


def test_adults_are_those_said_last_on_this_sheet():
    agent = StaffFactory()
    for jour, code, nombre, minute in [
        (JEUDI, "soir", 3, 40),
        (JEUDI, "soir", 1, 31),
        (JEUDI, "midi", 5, 50),
        (JEUDI - timedelta(days=2), "soir", 9, 50),
    ]:
        recu = AdultesRecus(uuid4(), nombre, at(16, minute) - (JEUDI - jour))
        assert not noter_adultes([recu], jour, code, agent, now=NOW).refus
    assert [onglet.adultes for onglet in load().onglets] == [None, 5, 3]
    assert etat_of(JEUDI, Creneau.objects.get(code="soir"), now=NOW)["adultes"] == 3


@pytest.mark.parametrize(("heure", "code"), [(7, "matin"), (12, "midi"), (17, "soir"), (20, "soir")])
def test_feuille_is_by_default_that_of_the_hour(heure, code):
    assert load(code="", now=at(heure)).onglet.creneau.code == code


def test_creneau_of_other_weekdays_is_not_of_the_day():
    Creneau.objects.filter(code="soir").update(jeudi=False)
    assert load() is None
    assert [onglet.creneau.code for onglet in load(code="").onglets] == ["matin", "midi"]


@pytest.mark.parametrize(
    ("jour", "code"), [(date(2026, 8, 20), ""), (date(2031, 12, 11), ""), (JEUDI, "nuit"), (date(2026, 12, 9), "soir")]
)
def test_feuille_that_does_not_exist_is_none(jour, code):
    assert load(jour, code) is None


def test_feuille_of_a_day_without_school_has_no_creneau_and_its_neighbours():
    feuille = load(date(2026, 12, 9), "")
    assert (feuille.onglet, feuille.lignes, feuille.ouverte) == (None, [], False)
    assert (feuille.precedent, feuille.suivant) == (date(2026, 12, 8), JEUDI)


@pytest.mark.parametrize(
    ("jour", "precedent", "suivant"),
    [
        (date(2026, 9, 1), None, date(2026, 9, 3)),
        (date(2027, 7, 2), date(2027, 7, 1), None),
        (date(2027, 1, 4), date(2026, 12, 18), date(2027, 1, 5)),
    ],
)
def test_feuille_leads_to_the_school_days_around(jour, precedent, suivant):
    feuille = load(jour, "")
    assert (feuille.precedent, feuille.suivant) == (precedent, suivant)


@pytest.mark.parametrize(
    ("today", "jour"), [(JEUDI, JEUDI), (date(2026, 12, 12), date(2026, 12, 14)), (date(2027, 7, 3), None)]
)
def test_jour_propose_is_today_or_the_next_with_school(today, jour):
    assert jour_propose(today) == jour


@pytest.mark.parametrize(
    ("now", "phrase"),
    [
        (at(17) - timedelta(days=1), "Pas d’école aujourd’hui, mercredi 9\u00a0: voici le prochain jour d’école."),
        (at(17) - timedelta(days=2), ""),
        (at(17), ""),
    ],
)
def test_feuille_says_why_it_is_of_another_day(now, phrase):
    assert load(now=now).pourquoi_ce_jour == phrase


def test_feuille_is_open_on_its_day_and_after_until_it_is_closed():
    agent = StaffFactory(first_name="Alix", last_name="Durand")
    assert [load(now=NOW + timedelta(days=n)).ouverte for n in (-1, 0, 5)] == [False, True, True]
    terminer(JEUDI, "soir", agent, now=at(18, 32))
    assert (load().ouverte, load().clos) == (False, "jeudi 10\u00a0décembre à 18\u00a0h\u00a032, par Alix Durand")
    assert (load(code="midi").ouverte, load(VENDREDI).clos) == (True, "")
    rouvrir(JEUDI, "soir", agent, "Trop tôt", now=at(18, 40))
    assert (load().ouverte, load().clos) == (True, "")


@pytest.mark.parametrize(("creneaux", "ferme"), [([], "grève"), (["soir"], "grève"), (["midi"], "")])
def test_feuille_says_that_its_creneau_is_closed(creneaux, ferme):
    fermeture = Fermeture.objects.create(debut=JEUDI, fin=JEUDI, motif="grève")
    fermeture.creneaux.set(Creneau.objects.filter(code__in=creneaux))
    assert load().onglet.ferme == ferme
    assert load(VENDREDI).onglet.ferme == ""


@pytest.mark.parametrize(
    ("nature", "dite"),
    [
        ("sortie", "CM1 en sortie (musée) : 1 enfant de moins"),
        ("enseignant", "CM1, enseignant absent (musée) : 1 enfant de moins"),
    ],
)
def test_feuille_says_who_is_on_a_trip_and_is_not_closed(nature, dite):
    lea, _ = venu(), venu("Tom")
    lea.scolarites.update(niveau="CM1")
    soir = Creneau.objects.get(code="soir")
    portee = Portee(JEUDI, JEUDI, "musée", (soir,), nature=NatureFermeture(nature), niveaux=("CM1",))
    fermer(portee, now=NOW - timedelta(days=2))

    feuille = load()

    assert (feuille.onglet.ferme, [plain(phrase) for phrase in feuille.onglet.sorties]) == ("", [dite])
    assert [list(onglet.sorties) for onglet in feuille.onglets if onglet.creneau.code == "matin"] == [[]]
    assert load(VENDREDI).onglet.sorties == ()


def test_etat_holds_keys_and_hours_and_no_name(django_assert_num_queries):
    lea, tom = venu(), venu("Tom")
    pointer(tap(lea, a=at(16, 31)), tap(tom, a=at(16, 40)), tap(tom, coche=False))
    creneau = Creneau.objects.get(code="soir")
    with django_assert_num_queries(4):
        etat = etat_of(JEUDI, creneau, now=NOW)
    here = {"present": True, "parti": False, "depart": "", "retard": "", "sans_arrivee": "", "remis": ""}
    assert etat == {"instant": int(NOW.timestamp()), "clos": "", "adultes": None, "enfants": {lea.pk: here}}


# --- How they are read ------------------------------------------------------------------------------------------------


def enfants_of(jour, creneau, aussi=()):
    """The same by querysets alone."""
    sheet = {"jour": jour, "creneau": creneau}
    venus = Pointage.objects.filter(**sheet, present=True).order_by().values("enfant")
    enfants = Inscription.objects.active().filter(**sheet).order_by().values("enfant").union(venus)
    sheets = Q(enfant__in=enfants) | Q(enfant__in=eleves_of(jour, creneau).filter(enfant__in=aussi).values("enfant"))
    dites = Absence.objects.filter(enfant=OuterRef("enfant"), jour=jour)
    retirees = dites.filter(retiree_le__isnull=False)

    def joined(relation):
        condition = Q(**{f"enfant__{relation}__{name}": value for name, value in sheet.items()})
        return FilteredRelation(f"enfant__{relation}", condition=condition)

    rows = (
        Scolarite.objects.known_on(jour)
        .filter(sheets)
        .annotate(
            booked=joined("inscriptions"),
            seen=joined("pointages"),
            told=Exists(dites.standing().covering(creneau)),
            retiree_le=Subquery(retirees.order_by("-retiree_le").values("retiree_le")[:1]),
            lieu=nom_ecole(),
        )
    )
    return rows.order_by("enfant").values_list(
        "enfant",
        *(f"enfant__{nom}" for nom in EnfantAppel._fields[1:10]),
        "niveau",
        "classe__nom",
        *("booked__pk", "booked__etat", "booked__attente_depuis"),
        *("seen__present", "seen__arrivee", "seen__arrivee_recue", "seen__depart", "seen__depart_recu"),
        "seen__sans_arrivee",
        "told",
        "retiree_le",
        "lieu",
    )


def test_children_of_the_sheet_are_those_of_the_orm():
    soir = Creneau.objects.get(code="soir")
    lea, _ = venu("Léa"), venu("Tom", etat="attente")
    pointer(tap(lea), tap(make_enfant(prenom="Max")))
    zoe = venu("Zoé", "midi")
    Absence.objects.create(enfant=lea, jour=JEUDI).creneaux.set([soir])
    for minutes in (1, 2):
        Absence.objects.create(enfant=zoe, jour=JEUDI, retiree_le=NOW + timedelta(minutes=minutes))

    def load(aussi=()):
        return sorted(load_enfants(JEUDI, soir, aussi))

    assert load() == list(enfants_of(JEUDI, soir))
    assert load({zoe.pk}) == list(enfants_of(JEUDI, soir, {zoe.pk}))
    assert set(load({zoe.pk})) - set(load()) == {un for un in load({zoe.pk}) if un.pk == zoe.pk} != set()
    seen = {enfant.prenom: (enfant.etat, enfant.present, str(enfant)) for enfant in load_enfants(JEUDI, soir)}
    assert seen == {
        "Léa": ("inscrit", True, str(lea)),
        "Max": (None, True, "Max Morel"),
        "Tom": ("attente", None, "Tom Morel"),
    }
    assert load_enfants(VENDREDI, soir) == []


# --- In a sentence, and on the telephone ------------------------------------------------------------------------------


def test_homonym_is_said_with_its_class_wherever_it_is_named(django_assert_num_queries):
    first, second, tom = venu(), venu(), venu("Tom")
    first.scolarites.update(classe=ClasseFactory(nom="CE1 M. Frêne"))
    pointer(tap(first), tap(second))
    dits = ["Léa Morel (CE1 M. Frêne)", "Léa Morel (CE1, CE1-CE2 Mme Sorbier)"]
    assert [ligne.dit for ligne in load().lignes] == [*dits, "Tom Morel"]
    assert load().encore_noms == " et ".join(dits)
    soir = Creneau.objects.get(code="soir")
    with django_assert_num_queries(2):
        noms = noms_of(JEUDI, soir, [first.pk, tom.pk])
    assert noms == {first.pk: "Léa Morel (CE1 M. Frêne)", tom.pk: "Tom Morel"}


def test_sheet_of_today_alone_says_whom_to_call():
    zoe, abel = (
        ResponsableFactory(user__first_name=prenom, user__last_name=nom, telephone=numero)
        for prenom, nom, numero in [("Zoé", "Aubert", "06 39 98 00 12"), ("Abel", "Morel", "06 39 98 00 13")]
    )
    inscrire(make_enfant(zoe, abel))
    assert plain(ligne().appels) == "Zoé 06 39 98 00 12, puis Abel"
    assert ligne(load(now=NOW + timedelta(days=1))).joignables == []


@pytest.mark.parametrize(("moment", "nommes"), [("soir", ["Léa Morel"]), ("journee", ["Léa Morel"]), ("matin", [])])
def test_children_whom_nobody_saw_leave_are_named_once_the_sheet_is_closed(moment, nommes):
    Creneau.objects.filter(code="soir").update(moment=moment, debut=time(9))
    lea, tom = venu(), venu("Tom")
    pointer(tap(lea), tap(tom), tap(tom, PARTI))
    assert load().non_repartis == []
    terminer(JEUDI, "soir", StaffFactory(), now=NOW)
    assert noms(load().non_repartis) == nommes
