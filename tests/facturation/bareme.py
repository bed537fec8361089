"""Facts and tariffs for tests of prices: two foyers, two children, three créneaux, a week of November."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from facturation.prix.mois import Contexte, Facturation, FaitDuMois, Horaire
from facturation.prix.tarifs import GrilleTarif, LigneGrille

PARIS = ZoneInfo("Europe/Paris")
LUNDI, MARDI = date(2026, 11, 2), date(2026, 11, 3)
MATIN, MIDI, SOIR = 1, 2, 3
CRENEAUX = {
    MATIN: Horaire("matin", time(7, 30), time(8, 30)),
    MIDI: Horaire("midi", time(11, 30), time(13, 30)),
    SOIR: Horaire("soir", time(16, 30), time(18, 30)),
}
LEA, TOM = 11, 12
FOYER, AUTRE = 21, 22


def at(jour: date, *heure: int) -> datetime:
    """This hour of this day in Paris, as the base hands it over: aware."""
    return datetime.combine(jour, time(*heure), tzinfo=PARIS)


def fait(enfant: int, creneau: int, jour: date = LUNDI, **fields) -> FaitDuMois:
    """A child registered at a séance whose sheet is closed."""
    return FaitDuMois(enfant, jour, creneau, fields.pop("foyer", FOYER), **fields)


def grid(prix: int, inconnu: int | None = None) -> tuple[LigneGrille, ...]:
    """One price whatever the quotient, another one if it is unknown."""
    return (
        LigneGrille("commune", 0, None, 1, prix=prix),
        LigneGrille("commune", None, None, 1, prix=prix if inconnu is None else inconnu),
    )


def rangs_of(*prix: int) -> list[LigneGrille]:
    """One price by rank."""
    return [LigneGrille("commune", 0, None, rang, prix=centimes) for rang, centimes in enumerate(prix, 1)]


def tarif(creneau: int, *, prix: int = 100, inconnu: int | None = None, **fields) -> GrilleTarif:
    """A tariff of this créneau, whose key it takes."""
    known = {"cle": creneau, "nom": "Tarif", "debut": date(2026, 9, 1), "unite": "seance"}
    lignes = tuple(fields.pop("lignes", grid(prix, inconnu)))
    return GrilleTarif(**{**known, "creneaux": frozenset({creneau}), "lignes": lignes, **fields})


def midi(prix: int, **fields) -> GrilleTarif:
    return tarif(MIDI, prix=prix, **fields)


def soir_tranche(prix: int, **fields) -> GrilleTarif:
    return tarif(SOIR, prix=prix, **{"unite": "tranche", "minutes": 30, **fields})


def matin_tranche(prix: int, **fields) -> GrilleTarif:
    return tarif(MATIN, prix=prix, **{"unite": "tranche", "minutes": 30, **fields})


def contexte(*tarifs: GrilleTarif, **fields) -> Contexte:
    """November: both foyers of the commune with a quotient of 742, Léa older than Tom."""
    known = {
        "premier": date(2026, 11, 1),
        "creneaux": CRENEAUX,
        "naissances": {LEA: date(2018, 5, 4), TOM: date(2020, 2, 1)},
        "quotients": {FOYER: 742, AUTRE: 742},
        "residences": {FOYER: "commune", AUTRE: "commune"},
    }
    return Contexte(tarifs=tarifs, **{**known, **fields})


def montants(facturation: Facturation) -> list[int]:
    return [charge.montant for charge in facturation.charges]


def lignes_of(facturation: Facturation) -> list[tuple[int, str, int, int, int]]:
    return [(c.enfant, c.nature, c.quantite, c.prix, c.montant) for c in facturation.charges]
