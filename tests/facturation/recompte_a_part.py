"""What November costs each payer, counted from the tables alone, as somebody would with the voted grid in hand.

Not a line of the portal's own reckoning is used here: own loops, own rounding, own shares. Amounts are centimes.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

from enfance.models import Appel, Creneau, Enfant, Garde, Inscription, Pointage
from facturation.models import Compte, LigneTarif, Partage, Quotient, ReponseAbsence, Supplement, Tarif

HEURE = ZoneInfo("Europe/Paris")
DU, AU = date(2026, 11, 1), date(2026, 11, 30)

type Ligne = tuple[int, int, date, int, str]  # foyer, child, day, créneau, nature


def recount() -> dict[Ligne, int]:
    """What each payer owes of each child, day and créneau, but for what is nothing."""
    return Recompte().lignes()


def half_up(nombre: Fraction, pas: int = 1) -> int:
    return floor(nombre / pas + Fraction(1, 2)) * pas


def cut(total: int, parts: list[int]) -> list[int]:
    """Floors, then a cent to the greatest remainders; the first ones on a tie."""
    exactes = [Fraction(total * part, sum(parts)) for part in parts]
    coupees = [floor(exacte) for exacte in exactes]
    for rang in sorted(range(len(parts)), key=lambda n: (coupees[n] - exactes[n], n))[: total - sum(coupees)]:
        coupees[rang] += 1
    return coupees


class Recompte:
    def __init__(self) -> None:
        self.creneaux = {c["id"]: c for c in Creneau.objects.values()}
        self.nes = dict(Enfant.objects.values_list("pk", "date_naissance"))
        self.lieux = {c["foyer_id"]: c["residence"] or "commune" for c in Compte.objects.values()}
        self.foyers = dict(Compte.objects.values_list("pk", "foyer"))
        self.quotients = self._quotients()
        self.partages = defaultdict(list)
        for partage in Partage.objects.values():
            self.partages[partage["enfant_id"]].append(partage)
        self.tarifs = list(Tarif.objects.values())
        self.cibles = defaultdict(set)
        for tarif, creneau in Tarif.creneaux.through.objects.values_list("tarif", "creneau"):
            self.cibles[tarif].add(creneau)
        self.grilles = defaultdict(list)
        for cellule in LigneTarif.objects.values():
            self.grilles[cellule["tarif_id"]].append(cellule)
        self.supplements = list(Supplement.objects.values())
        self.vises = defaultdict(set)
        for supplement, creneau in Supplement.creneaux.through.objects.values_list("supplement", "creneau"):
            self.vises[supplement].add(creneau)

    def _quotients(self) -> dict[int, int]:
        trouves: dict[int, tuple] = {}
        for q in Quotient.objects.values():
            tient = q["debut"] <= DU and (q["fin"] is None or q["fin"] >= DU)
            if q["vu_le"] is None or q["annule_le"] is not None or not tient:
                continue
            foyer = self.foyers[q["compte_id"]]
            trouves[foyer] = max(trouves.get(foyer, ()), (q["debut"], q["saisi_le"], q["id"], q["valeur"]))
        return {foyer: trouve[3] for foyer, trouve in trouves.items()}

    # --- What happened ------------------------------------------------------------------------------------------------

    def cases(self) -> list[dict]:
        """Each child at each séance that holds it or that it came to, in the order of the hours."""
        places = {
            (i["enfant_id"], i["jour"], i["creneau_id"]): i["foyer_id"]
            for i in Inscription.objects.filter(etat="inscrit", jour__range=(DU, AU)).values()
        }
        venus = {
            (p["enfant_id"], p["jour"], p["creneau_id"]): p
            for p in Pointage.objects.filter(present=True, jour__range=(DU, AU)).values()
        }
        closes = {(a["jour"], a["creneau_id"]) for a in Appel.objects.filter(rouvert_le=None).values()}
        dites = {
            (r["enfant_id"], r["jour"], r["creneau_id"]): r["reponse"]
            for r in ReponseAbsence.objects.order_by("repondue_le", "pk").values()
        }
        chez = defaultdict(list)
        for garde in Garde.objects.values():
            chez[garde["enfant_id"]].append(garde["foyer_id"])
        cases = []
        for cle in {*places, *venus}:
            enfant, jour, creneau = cle
            venu = venus.get(cle)
            cases.append(
                {
                    "cle": cle,
                    "foyer": places[cle] if cle in places else chez[enfant][0],
                    "inscrit": cle in places,
                    "venu": venu is not None,
                    "arrivee": venu and self.minute(venu["arrivee"]),
                    "depart": venu and venu["depart"] and self.minute(venu["depart"]),
                    "close": (jour, creneau) in closes,
                    "excusee": cle in places and venu is None and dites.get(cle) == "excusee",
                }
            )
        return sorted(cases, key=lambda c: (c["cle"][0], c["cle"][1], self.creneaux[c["cle"][2]]["debut"], c["cle"][2]))

    @staticmethod
    def minute(instant: datetime) -> int:
        """Minutes since midnight in Paris."""
        local = instant.astimezone(HEURE)
        return local.hour * 60 + local.minute

    # --- What was voted -----------------------------------------------------------------------------------------------

    def tarif(self, creneau: int, jour: date) -> dict:
        """That begun last among those that name the créneau; else among those of its moment."""
        tenus = [t for t in self.tarifs if t["debut"] <= jour]
        nommes = [t for t in tenus if creneau in self.cibles[t["id"]]]
        du_moment = [t for t in tenus if t["moment"] == self.creneaux[creneau]["moment"]]
        return max(nommes or du_moment, key=lambda t: t["debut"])

    def supplement(self, genre: str, creneau: int, jour: date) -> dict | None:
        moment = self.creneaux[creneau]["moment"]
        tenus = [
            s
            for s in self.supplements
            if s["genre"] == genre and s["debut"] <= jour and (s["fin"] is None or jour <= s["fin"])
        ]
        nommes = [s for s in tenus if creneau in self.vises[s["id"]]]
        du_moment = [s for s in tenus if s["moment"] == moment]
        tous = [s for s in tenus if not s["moment"] and not self.vises[s["id"]]]
        if genre == "retard" and moment != "soir":
            tous = []
        return max(nommes or du_moment or tous, key=lambda s: (s["debut"], s["id"]), default=None)

    def unitaire(self, tarif: dict, foyer: int, rang: int) -> int:
        quotient, lieu = self.quotients.get(foyer), self.lieux[foyer]
        for voulu in range(rang, 0, -1):
            for cellule in self.grilles[tarif["id"]]:
                if cellule["residence"] != lieu or cellule["rang"] != voulu:
                    continue
                if quotient is None:
                    dedans = cellule["inconnu"]
                else:
                    haut = cellule["qf_max"] if cellule["qf_max"] is not None else quotient
                    dedans = not cellule["inconnu"] and cellule["qf_min"] <= quotient <= haut
                if dedans:
                    return self.cellule(cellule, quotient, tarif["arrondi"])
        raise AssertionError("a hole in a grid without one")

    @staticmethod
    def cellule(cellule: dict, quotient: int | None, pas: int) -> int:
        if cellule["prix"] is not None:
            return cellule["prix"]
        montant = Fraction(cellule["taux"]) * quotient
        if cellule["minimum"] is not None and montant < cellule["minimum"]:
            montant = Fraction(cellule["minimum"])
        if cellule["maximum"] is not None and montant > cellule["maximum"]:
            montant = Fraction(cellule["maximum"])
        return half_up(montant, pas)

    # --- What is owed -------------------------------------------------------------------------------------------------

    def lignes(self) -> dict[Ligne, int]:
        cases = self.cases()
        for case in cases:
            self.juger(case)
        self.ranger(cases)
        dues: dict[Ligne, int] = defaultdict(int)
        for case in cases:
            for nature, somme in self.sommes(case):
                self.partager(dues, case, nature, somme)
        return {ligne: somme for ligne, somme in dues.items() if somme}

    def juger(self, case: dict) -> None:
        """Whether the séance is owed, how many units it has, which supplements come with it."""
        _, jour, creneau = case["cle"]
        tarif = case["tarif"] = self.tarif(creneau, jour)
        inscrit_du = case["inscrit"] and not case["excusee"]
        venu_vu = case["venu"] and case["close"]
        case["due"] = {
            "inscription": inscrit_du,
            "presence": venu_vu,
            "les_deux": inscrit_du or venu_vu,
        }[tarif["base"]]
        case["unites"] = self.unites(case, tarif)
        supplements = []
        if case["close"]:
            retard = self.supplement("retard", creneau, jour)
            fin = self.heure(creneau, "fin")
            if retard and case["depart"] is not None and case["depart"] > fin + retard["tolerance"]:
                supplements.append(retard)
            if case["venu"] and not case["inscrit"]:
                supplements.append(self.supplement("sans_inscription", creneau, jour))
            if case["inscrit"] and not case["venu"] and not case["excusee"]:
                supplements.append(self.supplement("absence", creneau, jour))
        case["supplements"] = [s for s in supplements if s]

    def heure(self, creneau: int, bord: str) -> int:
        heure = self.creneaux[creneau][bord]
        return heure.hour * 60 + heure.minute

    def unites(self, case: dict, tarif: dict) -> int:
        if tarif["unite"] != "tranche":
            return 1
        if not case["venu"]:
            return tarif["tranches_absent"]
        creneau = case["cle"][2]
        debut, fin = self.heure(creneau, "debut"), self.heure(creneau, "fin")
        if self.creneaux[creneau]["moment"] == "matin":
            debut = max(debut, case["arrivee"])
        elif case["depart"] is not None:
            fin = min(fin, case["depart"])
        return max(0, -((debut - fin) // tarif["minutes"]))

    def ranger(self, cases: list[dict]) -> None:
        """Ranks among those of a foyer that the month bills; what a price of the month, or of the day, takes once."""
        self.billed = defaultdict(set)
        self.ensemble = defaultdict(set)
        prises = set()
        for case in cases:
            enfant, jour, creneau = case["cle"]
            tarif = case["tarif"]
            billed = case["due"] and case["unites"]
            if billed or case["supplements"]:
                self.billed[case["foyer"]].add(enfant)
            case["compris"] = False
            if case["due"] and (tarif["unite"] == "mois" or (tarif["par_jour"] and tarif["unite"] == "seance")):
                prise = (enfant, tarif["id"], None if tarif["unite"] == "mois" else jour)
                case["compris"] = prise in prises
                prises.add(prise)
            if billed and not case["compris"] and tarif["fratrie"]:
                self.ensemble[self.seance(case)].add(enfant)

    @staticmethod
    def seance(case: dict) -> tuple:
        _, jour, creneau = case["cle"]
        tarif = case["tarif"]
        return case["foyer"], tarif["id"], jour, None if tarif["par_jour"] else creneau

    def prix(self, case: dict) -> int:
        enfant, foyer, tarif = case["cle"][0], case["foyer"], case["tarif"]
        if tarif["fratrie"]:
            aines = self.aines(self.ensemble.get(self.seance(case), set()) | {enfant})
            return cut(self.unitaire(tarif, foyer, len(aines)), [1] * len(aines))[aines.index(enfant)]
        return self.unitaire(tarif, foyer, self.aines(self.billed[foyer] | {enfant}).index(enfant) + 1)

    def aines(self, enfants: set[int]) -> list[int]:
        return sorted(enfants, key=lambda enfant: (self.nes[enfant], enfant))

    def sommes(self, case: dict) -> list[tuple[str, int]]:
        sommes = []
        if case["due"] and not case["compris"]:
            nature = "forfait" if case["tarif"]["unite"] == "mois" else "seance"
            sommes.append((nature, case["unites"] * self.prix(case)))
        for supplement in case["supplements"]:
            if supplement["prix"] is not None:
                sommes.append((supplement["genre"], supplement["prix"]))
            else:
                seance = case["unites"] * self.prix(case)
                sommes.append((supplement["genre"], half_up(Fraction(seance * supplement["pourcentage"], 100))))
        return sommes

    def partager(self, dues: dict[Ligne, int], case: dict, nature: str, somme: int) -> None:
        enfant, jour, creneau = case["cle"]
        parts = {
            self.foyers[p["compte_id"]]: p["part"]
            for p in self.partages[enfant]
            if (p["debut"] is None or p["debut"] <= jour) and (p["fin"] is None or jour <= p["fin"])
        } or {case["foyer"]: 100}
        foyers = sorted(parts)
        for foyer, part in zip(foyers, cut(somme, [parts[f] for f in foyers]), strict=True):
            dues[foyer, enfant, jour, creneau, nature] += part
