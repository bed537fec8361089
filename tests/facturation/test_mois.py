"""From what happened to lines: each unit, each base, ranks, siblings, shares, supplements, what is amiss."""

from datetime import date, time

from facturation.mois import Charge, Contexte, FaitDuMois, Horaire, facturer
from facturation.tarifs import GrilleTarif, LigneGrille

LUNDI = date(2026, 11, 2)
MATIN, MIDI, SOIR = 1, 2, 3
CRENEAUX = {
    MATIN: Horaire("matin", time(7, 30), time(8, 30)),
    MIDI: Horaire("midi", time(11, 30), time(13, 30)),
    SOIR: Horaire("soir", time(16, 30), time(18, 30)),
}
LEA, TOM = 11, 12
NAISSANCES = {LEA: date(2018, 5, 4), TOM: date(2020, 2, 1)}
FOYER = 21


def tarif(creneau=MIDI, lignes=None, **fields):
    known = {"cle": creneau, "nom": "Midi", "debut": date(2026, 9, 1), "unite": "seance"}
    lignes = lignes or (LigneGrille("commune", 0, None, 1, prix=80), LigneGrille("commune", None, None, 1, prix=110))
    return GrilleTarif(**{**known, "creneaux": frozenset({creneau}), "lignes": tuple(lignes), **fields})


def contexte(*tarifs, **fields):
    known = {"premier": date(2026, 11, 1), "creneaux": CRENEAUX, "naissances": NAISSANCES}
    return Contexte(tarifs=tarifs, **{**known, "quotients": {FOYER: 742}, **fields})


def test_registered_child_owes_its_seance():
    facturation = facturer([FaitDuMois(LEA, LUNDI, MIDI, FOYER)], contexte(tarif()))

    assert facturation.anomalies == []
    assert [(c.foyer, c.enfant, c.nature, c.quantite, c.prix, c.montant) for c in facturation.charges] == [
        (FOYER, LEA, "seance", 1, 80, 80)
    ]
    assert isinstance(facturation.charges[0], Charge)
