"""A town drawn at random: two schools, each with tariffs of its own, families, a lived November, all in the database.

Of a seed it is always the same; with `formes`, it votes caps, subscriptions, first durations, tolerances, residences
of its own and prices by number of children. Nothing here knows what a price is worth:
tests/facturation/recompte_a_part.py does.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from enfance.models import Appel, Creneau, Ecole, Enfant, Fermeture, Foyer, Garde, Inscription, Pointage
from facturation.models import (
    Compte,
    LieuResidence,
    LigneTarif,
    NombreEnfants,
    Partage,
    Plafond,
    Quotient,
    ReponseAbsence,
    Supplement,
    Tarif,
)
from facturation.prix.tarifs import LIEUX
from portail.dates import PARIS
from tests.factories import AnneeFactory, CreneauFactory, EcoleFactory
from tests.facturation.grille import make_deliberation

NOVEMBRE = date(2026, 11, 1)
JOURS = [
    jour
    for jour in (NOVEMBRE + timedelta(days=n) for n in range(30))
    if jour.weekday() in {0, 1, 3, 4} and jour != date(2026, 11, 11)
]
HEURES = {
    "matin": [(time(7, 30), time(8, 30)), (time(7, 15), time(8, 20))],
    "midi": [(time(11, 30), time(13, 30)), (time(12), time(13, 45))],
    "soir": [(time(16, 30), time(18, 30)), (time(16, 15), time(19))],
}
LOT = 2000


def draw(rnd: Random, familles: int, *, formes: bool = False) -> None:
    """Write the town."""
    AnneeFactory()
    lieux = _lieux(rnd) if formes else ["commune", "hors"]
    ecoles = [Ecole.objects.get(), EcoleFactory()]
    creneaux = [_creneaux(ecole, rang) for rang, ecole in enumerate(ecoles)]
    communs = [moment for moment in HEURES if rnd.random() < 0.4]  # priced by one tariff for both schools
    for moment in communs:
        _tarif(rnd, [], date(2026, 9, 1), "seance" if moment == "midi" else _unite(rnd), moment)
    for siens in creneaux:
        _tarifs(rnd, siens, {moment for moment in communs if rnd.random() < 0.6})
    if formes:
        _formes(rnd, creneaux, lieux)
    _supplements(rnd, creneaux, formes=formes)
    enfants = _familles(rnd, familles, lieux)
    if formes:
        _nombres(rnd)
    _vecu(rnd, enfants, creneaux, tard=0.15 if formes else 0)


def _creneaux(ecole: Ecole, rang: int) -> dict[str, Creneau]:
    siens = {}
    for ordre, (moment, heures) in enumerate(HEURES.items(), 1):
        debut, fin = heures[rang]
        code = moment if rang == 0 else f"{moment}-{ecole.code}"
        siens[moment] = CreneauFactory(
            code=code,
            moment=moment,
            nom=code.capitalize(),
            nom_court=code,
            debut=debut,
            fin=fin,
            ordre=ordre + 3 * rang,
        )
        siens[moment].ecoles.set([ecole])
    return siens


# --- What the council voted -------------------------------------------------------------------------------------------


def _unite(rnd: Random) -> str:
    return rnd.choice(["seance", "seance", "tranche", "mois"])


def _tarifs(rnd: Random, creneaux: dict[str, Creneau], sauf: set[str]) -> None:
    """One for each créneau, or one for the morning and the evening; sometimes another from the middle of the month.
    None of the school's own for the moments of `sauf`.
    """
    ensemble = not sauf and rnd.random() < 0.3
    groupes = [["matin", "soir"], ["midi"]] if ensemble else [["matin"], ["midi"], ["soir"]]
    for moments in groupes:
        if set(moments) & sauf:
            continue
        unite = _unite(rnd) if moments != ["midi"] else "seance"
        _tarif(rnd, [creneaux[moment] for moment in moments], date(2026, 9, 1), unite)
        if unite != "mois" and rnd.random() < 0.3:
            suivante = rnd.choice(["seance", "tranche"]) if moments != ["midi"] else "seance"
            _tarif(rnd, [creneaux[moment] for moment in moments], date(2026, 11, 16), suivante)


def _tarif(rnd: Random, creneaux: list[Creneau], debut: date, unite: str, moment: str = "") -> None:
    tarif = Tarif.objects.create(
        nom=f"Tarif {moment or creneaux[0].code}",
        moment=moment,
        deliberation=make_deliberation(),
        debut=debut,
        unite=unite,
        base=rnd.choice(["inscription", "presence", "les_deux"]),
        minutes=rnd.choice([15, 20, 30, 60]) if unite == "tranche" else None,
        tranches_absent=rnd.randint(1, 3),
        par_jour=unite == "seance" and rnd.random() < 0.3,
        fratrie=unite == "seance" and rnd.random() < 0.2,
        arrondi=rnd.choice([1, 1, 5, 10]),
    )
    tarif.creneaux.set(creneaux)
    bornes = sorted(rnd.sample(range(1, 2000), rnd.randint(0, 3)))
    rangs = rnd.randint(1, 3)
    lignes = []
    for residence in ("commune", "hors"):
        for rang in range(1, rangs + 1):
            commun = {"tarif": tarif, "residence": residence, "rang": rang}
            lignes.append(LigneTarif(**commun, inconnu=True, prix=rnd.randint(0, 600)))
            for bas, haut in zip([0, *bornes], [*(borne - 1 for borne in bornes), None], strict=True):
                lignes.append(LigneTarif(**commun, qf_min=bas, qf_max=haut, **_prix(rnd)))
    LigneTarif.objects.bulk_create(lignes)


def _prix(rnd: Random) -> dict[str, object]:
    if rnd.random() < 0.6:
        return {"prix": rnd.randint(0, 600)}
    bas = rnd.choice([None, rnd.randint(0, 100)])
    return {
        "taux": Decimal(rnd.randint(1, 5000)) / 10_000,
        "minimum": bas,
        "maximum": rnd.choice([None, rnd.randint(bas or 0, 700)]),
    }


# --- Other shapes -----------------------------------------------------------------------------------------------------


def _lieux(rnd: Random) -> list[str]:
    """The two that every town begins with, and none to two of its own; one is the default."""
    for ordre, code in enumerate(["commune", "hors"], 1):
        LieuResidence.objects.get_or_create(code=code, defaults={"nom": LIEUX[code], "ordre": ordre})
    propres = rnd.sample(["agents", "conventionnee"], rnd.randint(0, 2))
    for ordre, code in enumerate(propres, 3):
        LieuResidence.objects.create(code=code, nom=code.capitalize(), ordre=ordre)
    LieuResidence.objects.update(defaut=False)
    LieuResidence.objects.filter(code=rnd.choice(["commune", "commune", "hors", *propres])).update(defaut=True)
    return ["commune", "hors", *propres]


def _formes(rnd: Random, creneaux: list[dict[str, Creneau]], lieux: list[str]) -> None:
    """Change the tariffs into other shapes, each at random; then caps, and a closure that may cut the month."""
    for tarif in Tarif.objects.order_by("pk"):
        if tarif.unite == "mois" and rnd.random() < 0.6:
            tarif.unite, tarif.jours, tarif.prorata = "forfait", rnd.randint(1, 4), rnd.random() < 0.5
        if tarif.unite == "tranche" and rnd.random() < 0.6:
            tarif.tolerance = rnd.randrange(1, tarif.minutes)
        if not tarif.fratrie and rnd.random() < 0.4:
            tarif.axe = "enfants"
        tarif.save()
        _lignes(rnd, tarif, lieux)
    tous = [creneau for siens in creneaux for creneau in siens.values()]
    for _ in range(rnd.randint(1, 4)):
        periode = rnd.choice(["jour", "jour", "mois"])
        plafond = Plafond.objects.create(
            deliberation=make_deliberation(),
            montant=rnd.randint(50, 900) if periode == "jour" else rnd.randint(500, 9000),
            periode=periode,
            porteur=rnd.choice(["enfant", "enfant", "payeur"]),
            moment=rnd.choice(["", "", "soir", "midi"]),
            supplements=rnd.random() < 0.4,
            debut=date(2026, 9, 1) if periode == "mois" else rnd.choice([date(2026, 9, 1), date(2026, 11, 10)]),
            fin=rnd.choice([None, None, date(2026, 11, 20)]),
        )
        if not plafond.moment and rnd.random() < 0.4:
            plafond.creneaux.set(rnd.sample(tous, rnd.randint(1, 4)))
    for _ in range(rnd.randint(0, 2)):
        debut = rnd.choice(JOURS)
        fermeture = Fermeture.objects.create(
            debut=debut, fin=debut + timedelta(days=rnd.randint(0, 6)), motif="Travaux"
        )
        fermeture.creneaux.set(rnd.sample(tous, rnd.choice([0, 0, 3])))


def _lignes(rnd: Random, tarif: Tarif, lieux: list[str]) -> None:
    """The grid of this tariff again: every residence, as many ranks as it goes, first durations, days beyond."""
    tarif.lignes.all().delete()
    bornes = sorted(rnd.sample(range(1, 2000), rnd.randint(0, 3)))
    premieres = tarif.unite == "tranche" and rnd.random() < 0.6
    lignes = []
    for residence in lieux:
        for rang in range(1, rnd.randint(2, 8)):
            for bas, haut in [(None, None), *zip([0, *bornes], [*(b - 1 for b in bornes), None], strict=True)]:
                prix = {"prix": rnd.randint(0, 600)} if bas is None else _prix(rnd)
                if tarif.unite == "forfait":
                    prix = {"prix": rnd.randint(0, 6000), "seance": rnd.randint(0, 900)}
                if premieres and prix.get("prix") is not None:
                    prix["premiere"] = rnd.randint(0, 900)
                commun = {"tarif": tarif, "residence": residence, "rang": rang, "inconnu": bas is None}
                lignes.append(LigneTarif(**commun, qf_min=bas, qf_max=haut, **prix))
    LigneTarif.objects.bulk_create(lignes)


def _nombres(rnd: Random) -> None:
    """How many children: some unknown, some said twice, some from a later month."""
    lignes = []
    for compte in Compte.objects.order_by("pk"):
        for _ in range(rnd.randint(0, 2)):
            debut = rnd.choice([date(2026, 9, 1), date(2026, 11, 1), date(2026, 12, 1)])
            dit = datetime(2026, 8, 20, 9, rnd.randrange(60), tzinfo=PARIS)
            lignes.append(NombreEnfants(compte=compte, nombre=rnd.randint(1, 8), debut=debut, saisi_le=dit))
    NombreEnfants.objects.bulk_create(lignes)


def _supplements(rnd: Random, creneaux: list[dict[str, Creneau]], *, formes: bool) -> None:
    """Late pick-ups, presences without inscription, absences, late bookings: for all, for the evenings, for a créneau.
    A percentage or a whole price only where no price is that of a month."""
    au_mois = Tarif.objects.filter(unite__in=["mois", "forfait"]).exists()
    for genre in ("retard", "sans_inscription", "absence", *(["tardive"] if formes else [])):
        for portee in ("tous", "moment", "creneau"):
            if rnd.random() < 0.5:
                continue
            pourcent = not au_mois and rnd.random() < 0.4
            supplement = Supplement.objects.create(
                genre=genre,
                deliberation=make_deliberation(),
                moment="soir" if portee == "moment" else "",
                debut=rnd.choice([date(2026, 9, 1), date(2026, 11, 10)]),
                fin=rnd.choice([None, date(2026, 11, 24)]),
                prix=None if pourcent else rnd.randint(1, 900),
                pourcentage=rnd.randint(1, 150) if pourcent else None,
                tolerance=rnd.choice([0, 5, 10]) if genre == "retard" else 0,
            )
            if formes and not au_mois and not pourcent and genre in {"tardive", "sans_inscription"}:
                supplement.en_tout = rnd.random() < 0.5
                supplement.save()
            if portee == "creneau":
                supplement.creneaux.set([rnd.choice(creneaux)["soir"]])


# --- Families ---------------------------------------------------------------------------------------------------------


def _familles(rnd: Random, nombre: int, lieux: list[str]) -> list[tuple[Enfant, list[int], int]]:
    """Each child with the foyers (primary keys) that have garde and the rank of its school. One family in five is two
    foyers, who share prices more or less often."""
    foyers = Foyer.objects.bulk_create([Foyer(commune="SAINT SAUVEUR") for _ in range(nombre + nombre // 5)])
    comptes = Compte.objects.bulk_create(
        [Compte(foyer=foyer, residence=rnd.choice(["", "commune", *lieux])) for foyer in foyers]
    )
    compte_de = {compte.foyer_id: compte for compte in comptes}
    _quotients(rnd, comptes)
    couples = list(zip(foyers[:nombre], [*foyers[nombre:], *[None] * nombre], strict=False))
    enfants: list[tuple[Enfant, list[int], int]] = []
    gardes, partages = [], []
    for premier, second in couples:
        for _ in range(rnd.randint(1, 4)):
            naissance = date(2015, 1, 1) + timedelta(days=rnd.randrange(8 * 365) // 30 * 30)  # some the same day
            enfant = Enfant(nom="Morel", prenom="Léa", date_naissance=naissance)
            siens = [premier.pk] if second is None else [premier.pk, second.pk]
            enfants.append((enfant, siens, rnd.randrange(2)))
    Enfant.objects.bulk_create([enfant for enfant, _, _ in enfants])
    for enfant, siens, _ in enfants:
        gardes += [Garde(enfant=enfant, foyer_id=foyer) for foyer in siens]
        if len(siens) == 2 and rnd.random() < 0.6:
            debut = rnd.choice([None, date(2026, 11, 9)])
            part = rnd.choice([50, 50, 33, 1, 70])
            for foyer, combien in zip(siens, [part, 100 - part], strict=True):
                partages.append(Partage(enfant=enfant, compte=compte_de[foyer], part=combien, debut=debut))
    Garde.objects.bulk_create(gardes)
    Partage.objects.bulk_create(partages)
    return enfants


def _quotients(rnd: Random, comptes: list[Compte]) -> None:
    """Some unknown, some typed and not seen, some that ended or begin later, some said twice."""
    lignes = []
    for compte in comptes:
        for _ in range(rnd.randint(0, 3)):
            debut = rnd.choice([date(2026, 9, 1), date(2026, 11, 1), date(2026, 12, 1)])
            fin = rnd.choice([None, None, date(2026, 10, 31), date(2027, 8, 31)])
            lignes.append(
                Quotient(
                    compte=compte,
                    valeur=rnd.choice([0, rnd.randint(1, 3000)]),
                    source="caf",
                    debut=debut,
                    fin=fin if fin and fin > debut else None,
                    saisi_le=datetime(2026, 8, 20, 9, rnd.randrange(60), tzinfo=PARIS),
                    vu_le=rnd.choice([None, date(2026, 8, 28)]),
                )
            )
    Quotient.objects.bulk_create(lignes)


# --- What happened ----------------------------------------------------------------------------------------------------


def _vecu(
    rnd: Random, enfants: list[tuple[Enfant, list[int], int]], creneaux: list[dict[str, Creneau]], *, tard: float
) -> None:
    inscriptions, pointages, reponses = [], [], []
    for enfant, foyers, ecole in enfants:
        assidu = rnd.random()
        for jour in JOURS:
            for creneau in creneaux[ecole].values():
                etat = _etat(rnd, assidu)
                if etat:
                    inscriptions.append(
                        Inscription(
                            enfant=enfant,
                            jour=jour,
                            creneau=creneau,
                            etat=etat,
                            foyer_id=rnd.choice(foyers),
                            attente_depuis=datetime(2026, 8, 1, tzinfo=PARIS) if etat == "attente" else None,
                            hors_delai=etat == "inscrit" and rnd.random() < tard,
                        )
                    )
                inscrit = etat == "inscrit"
                venu = rnd.random() < (0.85 if inscrit else 0.04 if len(foyers) == 1 else 0)
                if venu:
                    pointages.append(_pointage(rnd, enfant, jour, creneau))
                elif inscrit:
                    reponses += _reponses(rnd, enfant, jour, creneau)
    for modele, lignes in ((Inscription, inscriptions), (Pointage, pointages), (ReponseAbsence, reponses)):
        rnd.shuffle(lignes)
        modele.objects.bulk_create(lignes, batch_size=LOT)
    _feuilles(rnd, creneaux)


def _etat(rnd: Random, assidu: float) -> str:
    if rnd.random() > assidu:
        return ""
    return rnd.choices(["inscrit", "annulee", "attente"], [85, 10, 5])[0]


def _pointage(rnd: Random, enfant: Enfant, jour: date, creneau: Creneau) -> Pointage:
    debut = datetime.combine(jour, creneau.debut, tzinfo=PARIS)
    fin = datetime.combine(jour, creneau.fin, tzinfo=PARIS)
    arrivee = debut + timedelta(seconds=rnd.randint(-600, 2400))
    depart = rnd.choice([None, fin + timedelta(seconds=rnd.randint(-5400, 1800))])
    if depart is not None and depart < arrivee:
        depart = arrivee
    return Pointage(
        enfant=enfant,
        jour=jour,
        creneau=creneau,
        present=True,
        arrivee=arrivee,
        arrivee_recue=arrivee,
        depart=depart,
        depart_recu=depart,
    )


def _reponses(rnd: Random, enfant: Enfant, jour: date, creneau: Creneau) -> list[ReponseAbsence]:
    return [
        ReponseAbsence(
            enfant=enfant,
            jour=jour,
            creneau=creneau,
            reponse=rnd.choice(["excusee", "facturee"]),
            motif="certificat",
            repondue_le=datetime(2026, 11, 30, 9, minute, tzinfo=PARIS),
        )
        for minute in rnd.sample(range(60), rnd.choice([0, 0, 1, 2]))
    ]


def _feuilles(rnd: Random, creneaux: list[dict[str, Creneau]]) -> None:
    """All closed; but where no price of a séance depends on it, one in ten is not."""
    liees = Tarif.objects.exclude(base="inscription", unite__in=["seance", "mois", "forfait"])
    lues = set(liees.values_list("creneaux", flat=True))
    moments = set(liees.values_list("moment", flat=True))
    feuilles = []
    for siens in creneaux:
        for creneau in siens.values():
            for jour in JOURS:
                if creneau.pk in lues or creneau.moment in moments or jour == JOURS[-1] or rnd.random() < 0.9:
                    feuilles.append(
                        Appel(jour=jour, creneau=creneau, clos_le=datetime.combine(jour, time(19, 30), tzinfo=PARIS))
                    )
    Appel.objects.bulk_create(feuilles)
