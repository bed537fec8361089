"""A voted grid for tests: matin and midi by the séance, soir by the half-hour begun, dearer outside the commune."""

from __future__ import annotations

from datetime import date

from enfance.models import Creneau
from facturation.models import Deliberation, LigneTarif, Supplement, Tarif

RENTREE = date(2026, 9, 1)
TRANCHES = [(0, 599), (600, 859), (860, None)]
# Commune, by tranche then « quotient inconnu »: prices of the first, the second, the third child, in centimes.
PRIX = {
    "matin": [(90, 80, 70), (120, 105, 95), (150, 130, 115), (170, 150, 130)],
    "midi": [(60, 50, 45), (80, 70, 60), (100, 90, 80), (110, 100, 90)],
    "soir": [(45, 40, 35), (65, 55, 50), (80, 70, 60), (90, 80, 70)],
}
HORS = 2  # times the price of the commune


def make_deliberation(numero: str = "2026-41", **fields) -> Deliberation:
    known = {"votee_le": date(2026, 6, 25), "applicable_le": RENTREE}
    return Deliberation.objects.get_or_create(numero=numero, defaults={**known, **fields})[0]


def make_tarif(code: str, *, debut: date = RENTREE, **fields) -> Tarif:
    """The tariff of this créneau, with its whole grid."""
    tranche = code == "soir"
    known = {
        "nom": code.capitalize(),
        "unite": "tranche" if tranche else "seance",
        "minutes": 30 if tranche else None,
    }
    tarif = Tarif.objects.create(deliberation=make_deliberation(), debut=debut, **{**known, **fields})
    tarif.creneaux.set(Creneau.objects.filter(code=code))
    lignes = []
    for residence, fois in (("commune", 1), ("hors", HORS)):
        for (qf_min, qf_max), prix in zip([*TRANCHES, (None, None)], PRIX[code], strict=True):
            lignes += [
                LigneTarif(
                    tarif=tarif,
                    residence=residence,
                    inconnu=qf_min is None,
                    qf_min=qf_min,
                    qf_max=qf_max,
                    rang=rang,
                    prix=centimes * fois,
                )
                for rang, centimes in enumerate(prix, 1)
            ]
    LigneTarif.objects.bulk_create(lignes)
    return tarif


def make_tarifs() -> dict[str, Tarif]:
    """The three tariffs of the year, and two supplements: 5 € for a late pick-up past five minutes, 1 € for a presence
    without inscription."""
    vote = make_deliberation()
    Supplement.objects.create(
        genre="retard", deliberation=vote, article="article 4", moment="soir", debut=RENTREE, prix=500, tolerance=5
    )
    Supplement.objects.create(genre="sans_inscription", deliberation=vote, article="article 4", debut=RENTREE, prix=100)
    return {code: make_tarif(code) for code in PRIX}
