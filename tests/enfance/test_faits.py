"""What is read by a hand-written SELECT is what its queryset gives, on both kinds of database."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db.models import Count, Exists, F, FilteredRelation, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from enfance import faits, situation
from enfance.ecoles import PLUSIEURS, creneaux_of
from enfance.ecriture import ENSEMBLE, TOLD_TO_AUTHOR, note, recents_to_tell
from enfance.equipe import fiche, onglets
from enfance.models import (
    Absence,
    Actualite,
    AdultesPresents,
    AnneeScolaire,
    Appel,
    Creneau,
    Ecole,
    Enregistrement,
    Evenement,
    EvenementRepas,
    Fermeture,
    FermetureLue,
    Garde,
    Inscription,
    ListeRepas,
    MomentType,
    PersonneAutorisee,
    Repas,
    Scolarite,
    SemaineType,
)
from enfance.planning import historique
from enfance.regles import Acteur, InscriptionLue
from portail.dates import PARIS
from tests.enfance.ecoles import make_ville
from tests.factories import ClasseFactory, EnfantFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
TODAY, LUNDI_7, DIMANCHE_13 = date(2026, 12, 3), date(2026, 12, 7), date(2026, 12, 13)


@pytest.fixture
def famille():
    """Three children with a row of each kind on the week of the 7th, and another family's beside them."""
    parent, autre, creneaux = ResponsableFactory(), ResponsableFactory(), make_creneaux()
    siens = [make_enfant(parent, prenom=prenom) for prenom in ("Léa", "Tom", "Zoé")]
    tous = [*siens, make_enfant(autre, prenom="Max")]
    liste = ListeRepas.objects.create(debut=LUNDI_7, fin=DIMANCHE_13)
    neige = Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="neige")
    neige.creneaux.set(creneaux.values())
    neige.classes.set([ClasseFactory(nom="CP")])
    Fermeture.objects.create(debut=date(2027, 1, 11), fin=date(2027, 1, 11), motif="plus tard")
    FermetureLue.objects.create(fermeture=neige, responsable=parent)
    Actualite.objects.create(texte="Le marché de Noël", debut=TODAY, fin=TODAY)
    for n, enfant in enumerate(tous):
        Repas.objects.create(enfant=enfant, jour=LUNDI_7 + timedelta(days=n), liste=liste)
        Absence.objects.create(enfant=enfant, jour=LUNDI_7)
        semaine = SemaineType.objects.create(
            foyer=(parent if enfant in siens else autre).foyer,
            enfant=enfant,
            debut=date(2026, 9, 1),
            fin=date(2027, 7, 2),
            modifiee_le=NOW,
        )
        MomentType.objects.create(semaine_type=semaine, jour_semaine=1, creneau=creneaux["soir"])
        for creneau in creneaux.values():
            Inscription.objects.create(
                enfant=enfant, jour=LUNDI_7, creneau=creneau, etat="attente", attente_depuis=NOW - timedelta(minutes=n)
            )
    return parent, [enfant.pk for enfant in siens], [creneau.pk for creneau in creneaux.values()]


def columns(rows, *names):
    """These columns of the rows of a queryset, in an order that says nothing."""
    return sorted(rows.order_by().values_list(*names), key=str)


def read(rows):
    return sorted(map(tuple, rows), key=str)


@pytest.mark.parametrize("depuis", [TODAY, LUNDI_7 + timedelta(days=1), date(2027, 1, 12)])
def test_closures_are_what_the_orm_says(famille, depuis):
    parent, *_ = famille
    lues = FermetureLue.objects.filter(responsable=parent, fermeture=OuterRef("pk")).values("fermeture")
    fermetures = Fermeture.objects.filter(fin__gte=depuis).annotate(lue=Subquery(lues))
    expected = [
        (*ligne, None)
        for ligne in columns(
            fermetures, "pk", "debut", "fin", "motif", "creneaux", "classes", "ecoles", "lue", "nature", "niveaux"
        )
    ]

    assert read(faits.lignes_fermetures(depuis, parent.pk)) == expected
    assert len(expected) == {TODAY: 4, date(2027, 1, 12): 0}.get(depuis, 1)


def test_closures_are_gathered_the_oldest_written_first(famille):
    parent, _, creneaux = famille
    neige, plus_tard = Fermeture.objects.order_by("pk")

    fermetures, lues = faits.load_fermetures(TODAY, parent.pk, TODAY)

    assert [(f.pk, f.creneaux, len(f.classes), f.ecoles) for f in fermetures] == [
        (neige.pk, frozenset(creneaux), 1, frozenset()),
        (plus_tard.pk, frozenset(), 0, frozenset()),
    ]
    assert (lues, faits.load_fermetures(TODAY, None, TODAY).lues) == ({neige.pk}, frozenset())
    assert faits.load_fermetures(TODAY, parent.pk, date(2026, 12, 8)).lues == frozenset()  # it is over


def test_a_trip_is_read_with_its_levels_and_those_who_stay_in_the_same_query(famille, django_assert_num_queries):
    parent, siens, creneaux = famille
    sortie = Fermeture.objects.create(
        debut=LUNDI_7, fin=LUNDI_7, motif="musée", nature=Fermeture.Nature.SORTIE, niveaux="CE1 CM1"
    )
    sortie.creneaux.set(creneaux)
    sortie.restent.set(siens[:2])

    with django_assert_num_queries(1):
        fermetures, _ = faits.load_fermetures(TODAY, parent.pk, TODAY)

    lue = fermetures[-1]
    assert (lue.nature, lue.niveaux, lue.restent) == ("sortie", {"CE1", "CM1"}, set(siens[:2]))
    assert (lue.creneaux, lue.classes, lue.is_fermeture) == (frozenset(creneaux), frozenset(), False)
    assert all(f.is_fermeture and not f.restent for f in fermetures[:-1])
    sql = faits.lignes_fermetures(TODAY, parent.pk)
    assert len([ligne for ligne in sql if ligne.pk == sortie.pk]) == len(creneaux) + 2  # no row for each pair of both


@pytest.mark.parametrize("jour", [LUNDI_7 - timedelta(days=1), LUNDI_7, DIMANCHE_13, DIMANCHE_13 + timedelta(days=1)])
def test_lists_are_what_the_orm_says(famille, jour):
    for liste in ListeRepas.objects.all():
        liste.ecoles.set(Ecole.objects.all())
    ListeRepas.objects.create(debut=LUNDI_7, fin=LUNDI_7)
    expected = columns(ListeRepas.objects.over(jour, jour), "pk", "debut", "fin", "ecoles")

    assert read(faits.lignes_listes(jour, jour)) == expected
    assert len(faits.load_listes(jour, jour)) == len({pk for pk, *_ in expected})


@pytest.mark.parametrize("combien", [0, 1, 3])
def test_meals_and_absences_are_what_the_orm_says(famille, combien):
    _, enfants, creneaux = famille
    siens, jours = enfants[:combien], (LUNDI_7, LUNDI_7 + timedelta(days=1))
    Repas.objects.filter(enfant=enfants[0]).update(annule_le=NOW)
    Absence.objects.get(enfant=enfants[1]).creneaux.set(creneaux[:2])
    Absence.objects.filter(enfant=enfants[2]).update(retiree_le=NOW)
    repas = Repas.objects.filter(enfant__in=siens).standing()
    dites = Absence.objects.standing().filter(enfant__in=siens, jour__range=jours)

    assert read(faits.load_repas(siens, *jours)) == columns(repas.between(*jours), "enfant", "jour")
    assert read(faits.lignes_absences(siens, *jours)) == columns(dites, "enfant", "jour", "creneaux")
    said = {(enfants[0], LUNDI_7): frozenset(), (enfants[1], LUNDI_7): frozenset(creneaux[:2])}
    assert faits.load_absences(siens, *jours) == {key: said[key] for key in said if key[0] in siens}


@pytest.mark.parametrize("today", [TODAY, LUNDI_7 + timedelta(days=1), LUNDI_7 + timedelta(days=2), DIMANCHE_13])
def test_the_last_meal_without_its_lunch_break_is_what_the_orm_says(famille, today):
    _, enfants, creneaux = famille
    midi = Creneau.objects.get(moment="midi")
    mercredi = {"enfant_id": enfants[2], "jour": LUNDI_7 + timedelta(days=2)}
    Inscription.objects.create(**mercredi, creneau=midi, etat="inscrit")
    Repas.objects.create(**{**mercredi, "enfant_id": enfants[1]}, liste=ListeRepas.objects.get(), annule_le=NOW)
    sans = Repas.objects.filter(enfant__in=enfants, jour__gte=today).without_midi()
    expected = sans.aggregate(dernier=Max("jour"))["dernier"]

    assert faits.load_repas_sans_midi(enfants, today) == expected
    assert expected == (None if today > LUNDI_7 + timedelta(days=1) else LUNDI_7 + timedelta(days=1))


@pytest.mark.parametrize("combien", [0, 1, 3])
def test_who_waits_and_their_ranks_are_what_the_orm_says(famille, combien):
    _, enfants, creneaux = famille
    semaine, attentes = (LUNDI_7, DIMANCHE_13), Inscription.objects.filter(etat="attente")
    Inscription.objects.filter(enfant=enfants[1], creneau=creneaux[1]).update(etat="inscrit", attente_depuis=None)
    Inscription.objects.filter(enfant=enfants[0], creneau=creneaux[0]).update(  # as another, written before
        attente_depuis=Inscription.objects.get(enfant=enfants[2], creneau=creneaux[0]).attente_depuis
    )
    siennes = attentes.between(*semaine).filter(enfant__in=enfants[:combien]).with_rang()
    listes = attentes.between(*semaine).filter(creneau__in=creneaux[:combien]).distinct()

    assert sorted(faits.load_rangs(enfants[:combien], *semaine).items()) == columns(siennes, "pk", "rang")
    assert read(faits.load_attendus(creneaux[:combien], *semaine)) == columns(listes, "jour", "creneau")
    assert len(siennes) == {0: 0, 1: 3, 3: 8}[combien]


@pytest.mark.parametrize("today", [TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)])
def test_news_are_what_the_orm_says(today):
    for n, (debut, fin, retiree_le) in enumerate(
        [(TODAY, TODAY, None), (TODAY, None, None), (TODAY, None, NOW), (TODAY - timedelta(days=1), TODAY, None)]
    ):
        Actualite.objects.create(texte=f"Nouvelle {n}", debut=debut, fin=fin, retiree_le=retiree_le)
    expected = Actualite.objects.du(today).order_by("-debut", "-pk").values_list("texte", flat=True)

    assert list(faits.load_actualites(today)) == list(expected)


def test_weekly_patterns_are_what_the_orm_says(famille):
    parent, enfants, _ = famille
    vide = {"foyer": parent.foyer, "enfant_id": enfants[0], "debut": LUNDI_7, "fin": DIMANCHE_13}
    SemaineType.objects.create(**vide, modifiee_le=NOW + timedelta(minutes=1), depuis=LUNDI_7)
    codes = dict(Creneau.objects.values_list("pk", "code"))
    names = "pk", "enfant", "debut", "fin", "depuis", "moments__jour_semaine", "moments__creneau"
    for siens, today in ((enfants, TODAY), (enfants[:1], TODAY), ([], TODAY), (enfants, date(2026, 12, 14))):
        semaines = SemaineType.objects.filter(enfant__in=siens, foyer=parent.foyer).current(today)
        assert read(faits.lignes_modeles(siens, parent.foyer_id, today)) == columns(semaines, *names)

    derniere, *autres = faits.load_modeles(enfants, parent.foyer_id, TODAY, codes)
    assert (derniere.enfant, derniere.boxes, derniere.depuis) == (enfants[0], frozenset(), LUNDI_7)
    assert [(m.enfant, m.boxes) for m in autres] == [(pk, {(1, "soir")}) for pk in reversed(enfants)]


def told(row):
    """All the columns of this row, but those that are read later; None of none."""
    return row and {
        f.attname: getattr(row, f.attname)
        for f in row._meta.concrete_fields
        if f.attname not in row.get_deferred_fields()
    }


@pytest.mark.parametrize("qui", ["responsable", "foyer", ""])
@pytest.mark.parametrize("accueil", [True, False])
@pytest.mark.parametrize("combien", [None, 0, 1, 3])
def test_the_places_of_children_are_what_the_orm_says(famille, qui, accueil, combien):
    parent, enfants, _ = famille
    EnfantFactory()
    Scolarite.objects.filter(enfant=enfants[0]).update(classe=ClasseFactory(nom="CE1"))
    fait = note(Acteur.parent(parent), NOW)
    fait_de = {"enfant_id": enfants[0], "jour": TODAY, "creneau": Creneau.objects.first()}
    Evenement.objects.create(enregistrement=fait, **fait_de, avant="", apres="inscrit")
    seuls = [] if combien is None and not qui else None if combien is None else enfants[:combien]
    dernier = Evenement.objects.filter(enfant=OuterRef("enfant")).order_by("-enregistrement_id")
    rows = Scolarite.objects.select_related("enfant", "classe", "annee", "ecole").defer("enfant__onde")
    rows = rows.annotate(dernier=Subquery(dernier.values("enregistrement__quand")[:1]))
    if qui == "responsable":
        rows = rows.for_responsable(parent)
    elif qui == "foyer":
        rows = rows.for_foyer(parent.foyer)
    if seuls is not None:
        rows = rows.filter(enfant__in=seuls)
    par_place = F("debut").asc(nulls_first=True)
    expected = list(rows.order_by("enfant__date_naissance", "enfant__prenom", "enfant__pk", par_place))

    cles = {cle: getattr(parent, f"{cle}_id", parent.pk) if qui == cle else None for cle in ("responsable", "foyer")}
    lues = situation.load_scolarites(**cles, enfants=seuls, dernier=accueil)

    def all_of(scolarite):
        return [
            told(row)
            for row in (scolarite, *(getattr(scolarite, nom) for nom in ("enfant", "classe", "annee", "ecole")))
        ]

    assert [all_of(lue.scolarite) for lue in lues] == [all_of(row) for row in expected]
    assert [lue.dernier for lue in lues] == [row.dernier if accueil else None for row in expected]
    assert bool(expected) == (seuls != [])


def test_gardes_and_inscriptions_are_what_the_orm_says(famille):
    _, enfants, _ = famille
    Inscription.objects.filter(enfant=enfants[0]).update(etat="inscrit", attente_depuis=None)
    semaine = (LUNDI_7, DIMANCHE_13)
    lues = Inscription.objects.filter(enfant__in=enfants).between(*semaine).order_by("pk")
    expected = [(i.enfant_id, i.jour, i.creneau_id, InscriptionLue.of(i)) for i in lues]

    assert situation.lignes_inscriptions(enfants, *semaine) == expected != []
    assert situation.lignes_inscriptions([], *semaine) == situation.load_gardes([]) == []
    gardes = Garde.objects.filter(enfant__in=enfants).order_by("pk")
    assert list(map(told, situation.load_gardes(enfants))) == list(map(told, gardes)) != []


def test_places_taken_are_what_the_orm_says(famille):
    _, enfants, creneaux = famille
    Inscription.objects.filter(enfant__in=enfants[:2]).update(etat="inscrit", attente_depuis=None)
    prises = Inscription.objects.inscrit().between(LUNDI_7, DIMANCHE_13).filter(creneau__in=creneaux[:2])
    expected = prises.order_by().values_list("jour", "creneau").annotate(n=Count("*"))

    lues = situation.load_occupation(creneaux[:2], LUNDI_7, DIMANCHE_13)

    assert lues == {(jour, creneau): n for jour, creneau, n in expected}
    assert lues == {(LUNDI_7, creneau): 2 for creneau in creneaux[:2]}


def test_meals_said_to_be_cancelled_are_those_of_both_traces(famille):
    parent, enfants, _ = famille
    Repas.objects.filter(enfant=enfants[0]).update(annule_le=NOW)
    annule = {"enfant_id": enfants[1], "jour": LUNDI_7 + timedelta(days=1), "annule": True}
    EvenementRepas.objects.create(enregistrement=note(Acteur.parent(parent), NOW), **annule)
    evenements = [Evenement(enfant_id=enfant, jour=LUNDI_7 + timedelta(days=n)) for n, enfant in enumerate(enfants)]

    dits = historique.load_dits_annules(evenements)

    assert dits == {(enfants[0], LUNDI_7), (enfants[1], LUNDI_7 + timedelta(days=1))}


@pytest.mark.parametrize(
    ("qui", "combien"), [("tous", 3), ("partout", 3), ("mairie", 3), ("une école", 2), ("aucune", 0)]
)
def test_the_creneaux_of_a_sheet_are_what_the_orm_says(qui, combien):
    ville, agent = make_ville(), StaffFactory(is_superuser=qui == "partout")
    Creneau.objects.filter(code="matin").delete()
    agent.groups.set([Group.objects.create(name="Bureau")] if qui == "mairie" else [])
    if qui == "une école":
        ville.assign(agent, ville.bourg)
    soir = Creneau.objects.get(code="soir")
    Inscription.objects.create(enfant=ville.eleve(ville.bourg), jour=LUNDI_7, creneau=soir)
    Appel.objects.create(jour=LUNDI_7, creneau=soir, clos_le=NOW, clos_par=agent)
    for nombre in (3, 4):
        fait_le = NOW + timedelta(minutes=nombre)
        AdultesPresents.objects.create(jour=LUNDI_7, creneau=soir, nombre=nombre, id=uuid4(), fait_le=fait_le)
    Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="neige").creneaux.set([soir])
    Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="une classe").classes.set([ClasseFactory()])
    Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="une école").ecoles.set([ville.bourg])
    musee = {"debut": LUNDI_7 - timedelta(days=1), "motif": "musée", "nature": "sortie", "niveaux": "CM1"}
    Fermeture.objects.create(fin=LUNDI_7, **musee)
    jour = {"creneau": OuterRef("pk"), "jour": LUNDI_7}
    inscrits = Inscription.objects.inscrit().filter(**jour).order_by().values("creneau")
    fermetures = Fermeture.objects.filter(Q(creneaux=None) | Q(creneaux=OuterRef("pk")), classes=None, ecoles=None)
    fermetures = fermetures.filter(nature="fermeture")
    sorties = Fermeture.objects.exclude(nature="fermeture").filter(debut__lte=LUNDI_7, fin__gte=LUNDI_7)
    annees = AnneeScolaire.objects.filter(debut__lte=LUNDI_7, fin__gte=LUNDI_7)
    rows = (Creneau.objects.all() if qui == "tous" else creneaux_of(agent)).annotate(
        plusieurs=PLUSIEURS,
        inscrits=Coalesce(Subquery(inscrits.annotate(n=Count("*")).values("n")), 0),
        ferme=Subquery(fermetures.filter(debut__lte=LUNDI_7, fin__gte=LUNDI_7).values("motif")[:1]),
        sortie=Exists(sorties),
        appel=FilteredRelation("appels", condition=Q(appels__jour=LUNDI_7, appels__rouvert_le=None)),
        clos_le=F("appel__clos_le"),
        clos_prenom=F("appel__clos_par__first_name"),
        clos_nom=F("appel__clos_par__last_name"),
        adultes=Subquery(AdultesPresents.objects.filter(**jour).values("nombre")[:1]),
        declaree=Subquery(annees.values("declaree")[:1]),
        pedt=Subquery(annees.values("pedt")[:1]),
    )
    noms = onglets.LigneCreneau._fields[1:]
    expected = [(told(row), row.plusieurs, *(getattr(row, nom) for nom in noms)) for row in rows]

    lignes = onglets.lignes_creneaux(LUNDI_7, None if qui == "tous" else agent)

    assert [(told(ligne.creneau), ligne.creneau.plusieurs, *ligne[1:]) for ligne in lignes] == expected
    assert len(lignes) == combien
    soirs = [(ligne.inscrits, ligne.adultes, ligne.ferme) for ligne in lignes if ligne.creneau.code == "soir"]
    assert soirs == ([(1, 4, "neige")] if combien else [])


def test_who_may_fetch_is_what_the_orm_says(famille):
    _, enfants, _ = famille
    for n, enfant in enumerate(enfants):
        for debut, fin, retiree_le in (
            (LUNDI_7, DIMANCHE_13, None),
            (None, None, None),
            (None, TODAY, None),
            (None, None, NOW),
        ):
            nom = f"Mme {fin} {n}"
            PersonneAutorisee.objects.create(enfant_id=enfant, nom=nom, debut=debut, fin=fin, retiree_le=retiree_le)
    for siens, jour in ((enfants, LUNDI_7), (enfants[:1], TODAY), ([], TODAY)):
        personnes = PersonneAutorisee.objects.on(jour).filter(enfant__in=siens).order_by("tri", "pk")
        assert list(map(told, fiche.load_personnes(siens, jour))) == list(map(told, personnes))


def test_the_saves_whose_mail_tells_the_next_one_are_what_the_orm_says(famille):
    parent, *_ = famille
    acteur = Acteur.parent(parent)
    premier = note(acteur, NOW)
    for minutes in (1, 6, 7):
        note(acteur, NOW + timedelta(minutes=minutes))
    note(Acteur.mairie(parent.user_id), NOW)
    for now in (NOW, NOW + timedelta(minutes=5), NOW + timedelta(minutes=8)):
        siens = Enregistrement.objects.filter(auteur=parent.user_id, dit_avec=None, porte__in=TOLD_TO_AUTHOR)
        siens = siens.filter(quand__gt=now - ENSEMBLE, quand__lt=now + ENSEMBLE).order_by("-pk")
        assert recents_to_tell(parent.user_id, now) == list(siens.values_list("pk", "quand"))
    assert recents_to_tell(parent.user_id, NOW)[-1] == (premier.pk, NOW)
