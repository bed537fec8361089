"""Reads what the rules need to know, in a fixed number of queries whatever the children and the days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, StringAgg, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from enfance.calendrier import UN_JOUR
from enfance.models import (
    Actualite,
    Creneau,
    Evenement,
    Fermeture,
    Garde,
    Inscription,
    ListeRepas,
    Repas,
    Scolarite,
    SemaineType,
    load_calendrier,
)
from enfance.regles import Acteur, Cle, FermetureVue, Situation
from enfance.semaine_modele import Box, Modele
from portail.dates import PARIS


def load_situation(
    acteur: Acteur,
    debut: date,
    fin: date,
    *,
    now: datetime,
    enfants: Iterable[int] | None = None,
    places: bool = True,
    inscriptions: bool = True,
    modeles: bool = False,
    actualites: bool = False,
) -> Situation:
    """The situation from `debut` to `fin`, both included, for the children that `acteur` may see.

    A parent sees those for whom they answer; the town hall those of the home for which it acts, or of `enfants`
    (primary keys). Six queries, and one more to count the places taken, where a créneau has a number of places and
    `places` asks for it. The meals cost none: they come with the children, and so do the weekly patterns of the
    parent's foyer where `modeles` asks for them; the town hall's news come with the closures, for `actualites`.
    Without `inscriptions` only the days are judged: a whole school has many rows.
    """
    creneaux = {creneau.code: creneau for creneau in Creneau.objects.with_delais()}
    codes = {creneau.pk: code for code, creneau in creneaux.items()}
    lignes = list(_scolarites(acteur, enfants, debut, fin, now, modeles))
    scolarites = {(scolarite.enfant_id, scolarite.annee.debut): scolarite for scolarite in lignes}
    pks = {enfant_id for enfant_id, _ in scolarites}
    gardes: dict[int, tuple[Garde, ...]] = {}
    for garde in Garde.objects.filter(enfant__in=pks).order_by("pk"):
        gardes[garde.enfant_id] = (*gardes.get(garde.enfant_id, ()), garde)
    connues = {}
    if inscriptions:
        connues = {
            Cle(inscription.enfant_id, inscription.jour, codes[inscription.creneau_id]): inscription
            for inscription in Inscription.objects.filter(enfant__in=pks).between(debut, fin).with_rang()
        }
    today = now.astimezone(PARIS).date()
    fermetures, annonces = _fermetures(min(debut, today), today if actualites else None)
    return Situation(
        now=now,
        acteur=acteur,
        calendrier=load_calendrier(),
        creneaux=creneaux,
        enfants={scolarite.enfant_id: scolarite.enfant for scolarite in scolarites.values()},
        scolarites=scolarites,
        gardes=gardes,
        fermetures=tuple(f for f in fermetures if f.debut <= fin and f.fin >= debut),
        annoncees=tuple(f for f in fermetures if f.fin >= today),
        actualites=annonces,
        inscriptions=connues,
        occupation=_occupation(creneaux.values(), debut, fin) if places else {},
        rangs={inscription.pk: inscription.rang for inscription in connues.values() if inscription.rang},
        repas=frozenset(
            (ligne.enfant_id, date.fromisoformat(jour)) for ligne in lignes for jour in (ligne.repas or "").split()
        ),
        listes_repas=_periodes(lignes[0].listes) if lignes else (),
        repas_sans_midi=max((ligne.sans_midi for ligne in lignes if ligne.sans_midi), default=None),
        modeles=_modeles(lignes) if modeles else (),
        dernier_changement=max((ligne.dernier for ligne in lignes if ligne.dernier), default=None),
    )


def _scolarites(
    acteur: Acteur, enfants: Iterable[int] | None, debut: date, fin: date, now: datetime, modeles: bool
) -> Iterable[Any]:
    """The places of the children in their years. Each row also brings what would else be queries of their own: when
    anything of the child last changed, the days of its meals that stand and the last one to come without its lunch
    break (`repas`, `sans_midi`), and the periods of the association's lists (`listes`), dates joined by spaces.
    """
    of_enfant = {"enfant": OuterRef("enfant")}
    dernier = Evenement.objects.filter(**of_enfant).order_by("-enregistrement_id")
    repas = Repas.objects.filter(**of_enfant).standing().between(debut, fin).order_by().values("enfant")
    sans_midi = Repas.objects.filter(**of_enfant, jour__gte=now.astimezone(PARIS).date()).without_midi()
    listes = ListeRepas.objects.filter(debut__lte=fin, fin__gte=debut).order_by().annotate(toutes=Value(1))
    periode = Concat(_text("debut"), Value("/"), _text("fin"), output_field=TextField())
    scolarites = Scolarite.objects.select_related("enfant", "classe", "annee").annotate(
        dernier=Subquery(dernier.values("enregistrement__quand")[:1]),
        repas=Subquery(repas.annotate(jours=StringAgg(_text("jour"), Value(" "))).values("jours")),
        sans_midi=Subquery(sans_midi.order_by("-jour").values("jour")[:1]),
        listes=Subquery(listes.values("toutes").annotate(p=StringAgg(periode, Value(" "))).values("p")),
    )
    if modeles:
        semaines = SemaineType.objects.filter(**of_enfant, foyer=acteur.foyer).current(now.astimezone(PARIS).date())
        boxes = _joined("pk", "debut", "fin", "depuis", "moments__jour_semaine", "moments__creneau__code")
        par_enfant = semaines.order_by().values("enfant").annotate(boxes=boxes)
        scolarites = scolarites.annotate(semaines=Subquery(par_enfant.values("boxes")))
    if acteur.responsable:
        scolarites = scolarites.for_responsable(acteur.responsable)
    elif acteur.pour:
        scolarites = scolarites.for_foyer(acteur.pour)
    if enfants is not None or acteur.chez is None:
        scolarites = scolarites.filter(enfant__in=set(enfants or ()))
    return scolarites.order_by("enfant__date_naissance", "enfant__prenom", "enfant__pk")


def _text(champ: str) -> Cast:
    """A date as ISO 8601, which both databases write alike."""
    return Cast(F(champ), TextField())


def _joined(*champs: str) -> StringAgg:
    """These fields of each row, joined by slashes, and the rows by spaces; empty for what is not there."""
    rien, barre = Value("", TextField()), Value("/", TextField())
    textes = [Coalesce(_text(champ), rien) for champ in champs]
    avec_barres = [piece for texte in textes for piece in (barre, texte)][1:]
    return StringAgg(Concat(*avec_barres, output_field=TextField()), Value(" "))


def _periodes(texte: str | None) -> tuple[tuple[date, date], ...]:
    """« 2026-12-07/2026-12-11 2026-12-14/2026-12-18 » as pairs of dates."""
    bornes = (periode.split("/") for periode in (texte or "").split())
    return tuple((date.fromisoformat(debut), date.fromisoformat(fin)) for debut, fin in bornes)


def _fermetures(depuis: date, jour: date | None) -> tuple[tuple[FermetureVue, ...], tuple[str, ...]]:
    """Those that end on `depuis` or later; and, in the same query, the news of `jour`, the latest first."""
    columns = ("pk", "debut", "fin", "motif", "creneaux", "classes", "est_fermeture")
    lignes = Fermeture.objects.filter(fin__gte=depuis).annotate(est_fermeture=Value(True)).values_list(*columns)
    if jour:
        rien = Cast(Value(None), BigIntegerField())
        annonces = Actualite.objects.du(jour).annotate(creneau=rien, classe=rien, est_fermeture=Value(False))
        columns = ("pk", "debut", "fin", "texte", "creneau", "classe", "est_fermeture")
        lignes = lignes.order_by().union(annonces.order_by().values_list(*columns), all=True)
    vues: dict[int, FermetureVue] = {}
    actualites: list[tuple[date, int, str]] = []
    for pk, premier, dernier, texte, creneau, classe, est_fermeture in lignes:
        if not est_fermeture:
            actualites.append((premier, pk, texte))
            continue
        vue = vues.get(pk, FermetureVue(premier, dernier, texte))
        vues[pk] = FermetureVue(
            premier,
            dernier,
            texte,
            vue.creneaux | ({creneau} if creneau else set()),
            vue.classes | ({classe} if classe else set()),
        )
    textes = tuple(texte for _, _, texte in sorted(actualites, reverse=True))
    return tuple(vue for _, vue in sorted(vues.items())), textes


def _occupation(creneaux: Iterable[Creneau], debut: date, fin: date) -> dict[tuple[date, int], int]:
    limites = [creneau.pk for creneau in creneaux if creneau.places is not None]
    if not limites:
        return {}
    return Inscription.objects.inscrit().between(debut, fin).filter(creneau__in=limites).occupation()


def _modeles(lignes: Iterable[Any]) -> tuple[Modele, ...]:
    """The weekly patterns of these children, the latest first; a word a box, `pk/debut/fin/depuis/jour/creneau`."""
    boxes: dict[tuple[int, int, str, str, str], set[Box]] = {}
    for enfant, semaines in {(ligne.enfant_id, ligne.semaines or "") for ligne in lignes}:
        for semaine in semaines.split():
            pk, debut, fin, depuis, jour, creneau = semaine.split("/")
            siennes = boxes.setdefault((int(pk), enfant, debut, fin, depuis), set())
            if creneau:
                siennes.add((int(jour), creneau))
    jour_of = date.fromisoformat
    return tuple(
        Modele(enfant, frozenset(siennes), jour_of(debut), jour_of(fin), jour_of(depuis) if depuis else None)
        for (_, enfant, debut, fin, depuis), siennes in sorted(boxes.items(), reverse=True)
    )


def load_places(debut: date, fin: date, *, today: date) -> dict[tuple[date, str], int]:
    """The places left from today on, by day and créneau (code), of the créneaux that have a number of them.

    Two queries, one without such a créneau; holidays and closures are not asked: their boxes are not shown.
    """
    creneaux = list(Creneau.objects.filter(places__isnull=False))
    prises = _occupation(creneaux, max(debut, today), fin)
    jours = [debut + UN_JOUR * n for n in range((fin - debut).days + 1)]
    return {
        (jour, creneau.code): max(0, creneau.places - prises.get((jour, creneau.pk), 0))
        for jour in jours
        for creneau in creneaux
        if jour >= today and jour.weekday() in creneau.jours and creneau.places is not None
    }


def refresh_rangs(situation: Situation) -> Situation:
    """The same situation after a write, with the ranks of those who wait now."""
    attentes = [i.pk for i in situation.inscriptions.values() if i.etat == Inscription.Etat.ATTENTE]
    if not attentes:
        return replace(situation, rangs={})
    lignes = Inscription.objects.filter(pk__in=attentes).with_rang()
    return replace(situation, rangs={ligne.pk: ligne.rang for ligne in lignes if ligne.rang})
