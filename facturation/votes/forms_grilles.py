"""The grid of a tariff as it is typed: rows by residence, a price by rank or a rate, the unknown quotient."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms

from facturation.montants import centimes_of, euros_csv
from facturation.prix.tarifs import LIEUX, RANGS_DITS, DefautGrille, LigneGrille, defauts_of
from facturation.quotients.saisie import QuotientField
from portail.formulaires import WholeForm

PRIX, TAUX = "prix", "taux"
INCONNU = "inconnu"
MAXIMUM = 999_999  # centimes: dearer is a slip of the pen
RANGEE = re.compile(r"(commune|hors)-(\d{1,3})")
RANGEES = 80  # rows of a grid, all told
AIDE = "aide-grille"  # the sentence of the page that says what has to be filled in


class PrixField(forms.CharField):
    """An amount in euros, as people type it, in centimes; None where nothing is typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "saisie saisie--prix", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=20, **{"required": False, "widget": forms.TextInput(attrs), **kwargs})

    def clean(self, value: Any) -> Any:
        """The price in centimes; None when nothing is typed. ValidationError for what is no price, or out of range."""
        text = super().clean(value)
        if not text:
            return None
        try:
            centimes = centimes_of(text)
        except ValueError as error:
            raise forms.ValidationError(str(error), code="prix") from error
        if not 0 <= centimes <= MAXIMUM:
            raise forms.ValidationError("Un prix va de 0 à 9\u202f999,99\u202f€.", code="prix")
        return centimes


class TauxField(forms.CharField):
    """A rate of the quotient in per cent, to four decimals; None where nothing is typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "saisie saisie--prix", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=20, **{"required": False, "widget": forms.TextInput(attrs), **kwargs})

    def clean(self, value: Any) -> Any:
        """The rate in per cent, as a Decimal; None when nothing is typed. ValidationError for what is no rate."""
        text = re.sub(r"[\s\u00a0\u202f%]", "", super().clean(value))
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{1,4})?", text):
            raise forms.ValidationError("Un taux est un nombre, par exemple 0,55.", code="taux")
        return Decimal(text.replace(",", "."))


class RangeeForm(WholeForm):
    """A row of the grid: the quotients from… to…, and a price by rank, or a rate with its bounds. Empty, it is none."""

    de = QuotientField(label="à partir du quotient", required=False)
    a = QuotientField(label="jusqu’au quotient compris", required=False)
    p1, p2, p3 = PrixField(), PrixField(), PrixField()
    taux = TauxField(label="taux, en pour cent")
    minimum = PrixField(label="au moins")
    maximum = PrixField(label="au plus")

    def __init__(self, *args: Any, residence: str, genre: str, numero: int | str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.residence, self.genre = residence, genre
        self.inconnu = numero == INCONNU
        for nom in ("taux", "minimum", "maximum") if genre == PRIX or self.inconnu else ("p1", "p2", "p3"):
            del self.fields[nom]
        if self.inconnu:
            del self.fields["de"], self.fields["a"]
            if genre == TAUX:  # one price, whoever
                del self.fields["p2"], self.fields["p3"]
        ou = "quotient inconnu" if self.inconnu else f"tranche {numero}"
        for rang, dit in RANGS_DITS.items():
            if champ := self.fields.get(f"p{rang}"):
                champ.label = "prix" if genre == TAUX else dit
        for champ in self.fields.values():
            champ.label = f"{LIEUX[residence]}, {ou}, {champ.label}"
            champ.widget.attrs |= {"aria-label": champ.label, "aria-describedby": AIDE}
        for nom in ("de", "a"):
            if nom in self.fields:
                self.fields[nom].widget.attrs["class"] = "saisie saisie--prix"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed in this row."""
        return all(value is None for value in self.cleaned_data.values())

    def clean(self) -> dict[str, Any] | None:
        """A row that is not empty must say where its quotients begin, but for the unknown one, and give a rate or a
        first price; bounds must be in order.
        """
        cleaned = super().clean()
        if self.errors or self.is_empty:
            return cleaned
        donnees = self.cleaned_data
        if not self.inconnu and donnees["de"] is None:
            self.add_error("de", "Dites à quel quotient cette tranche commence.")
        elif not self.inconnu and donnees["a"] is not None and donnees["a"] < donnees["de"]:
            self.add_error("a", "Une tranche finit après avoir commencé. Vide\u00a0: sans limite.")
        if "taux" in self.fields:
            mini, maxi = donnees["minimum"], donnees["maximum"]
            if donnees["taux"] is None:
                self.add_error("taux", "Écrivez un taux, par exemple 0,55.")
            elif mini is not None and maxi is not None and maxi < mini:
                self.add_error("maximum", "Le maximum est plus petit que le minimum.")
        elif donnees["p1"] is None:
            self.add_error("p1", "Écrivez un prix, 0 s’il n’y a rien à payer.")
        return cleaned

    @property
    def lignes(self) -> list[LigneGrille]:
        """The lines of the grid that this valid row makes: one for each rank that has a price, or the only one of a
        rate; none when the row is empty.
        """
        donnees = self.cleaned_data
        if self.is_empty:
            return []
        qf = (donnees.get("de"), donnees.get("a"))
        if "taux" in self.fields:
            bornes = (donnees["minimum"], donnees["maximum"])
            return [LigneGrille(self.residence, *qf, 1, None, donnees["taux"], *bornes)]
        prix = [(rang, donnees.get(f"p{rang}")) for rang in RANGS_DITS]
        return [LigneGrille(self.residence, *qf, rang, centimes) for rang, centimes in prix if centimes is not None]


@dataclass(frozen=True)
class DefautVu:
    """A hole or an overlap on the page: its words, its place, and what its button adds, nothing where none would do."""

    phrase: str
    ancre: str
    ajout: str = ""
    est_trou: bool = False

    @classmethod
    def of(cls, defaut: DefautGrille) -> DefautVu:
        """This hole or overlap as the page shows it; a hole of known quotients, for all ranks, gets a button that adds
        a row.
        """
        ancre = f"trou-{defaut.residence}-{_shown(defaut.de) or INCONNU}-{defaut.rang or 0}"
        added = defaut.combien == 0 and defaut.de is not None and defaut.rang is None
        bornes = f"{_shown(defaut.de)}-{_shown(defaut.a)}"
        return cls(str(defaut), ancre, f"{defaut.residence} {bornes}" if added else "", defaut.combien == 0)


@dataclass
class Rangee:
    """A row on the page, and what is missing or doubled after it."""

    cle: str
    form: RangeeForm
    defauts: list[DefautVu] = field(default_factory=list)

    @property
    def numero(self) -> str:
        """The number of the row within its part of the grid, or the word of the unknown quotient: what follows the last
        hyphen of its key.
        """
        return self.cle.rpartition("-")[2]


@dataclass
class PartieGrille:
    """The rows of one residence, then that of the unknown quotient; `avant`: what is missing before the first."""

    residence: str
    rangees: list[Rangee]
    inconnu: Rangee
    avant: list[DefautVu] = field(default_factory=list)

    @property
    def nom(self) -> str:
        """The name of the residence whose prices these are."""
        return LIEUX[self.residence]

    @property
    def toutes(self) -> list[Rangee]:
        """All the rows of this residence, that of the unknown quotient last."""
        return [*self.rangees, self.inconnu]


Valeurs = Mapping[str, str]


class GrilleSaisie:
    """A whole grid as it is typed: bound to what came, or made from values."""

    def __init__(self, genre: str, parties: Sequence[PartieGrille]) -> None:
        self.genre, self.parties = genre, parties

    @classmethod
    def of_lignes(cls, lignes: Iterable[LigneGrille]) -> GrilleSaisie:
        """The grid that shows these lines, as rows by tranche of quotient; a first row to fill where a residence has
        none.
        """
        lignes = list(lignes)
        genre = TAUX if any(ligne.taux is not None for ligne in lignes) else PRIX
        valeurs: dict[str, list[Valeurs]] = {}
        inconnus: dict[str, Valeurs] = {}
        for residence in LIEUX:
            siennes = [ligne for ligne in lignes if ligne.residence == residence]
            par_debut: dict[int | None, dict[str, str]] = {}
            for ligne in sorted(siennes, key=lambda ligne: (ligne.qf_min or 0, ligne.rang)):
                par_debut.setdefault(ligne.qf_min, {}).update(_values(ligne))
            inconnus[residence] = par_debut.pop(None, {})
            valeurs[residence] = list(par_debut.values()) or [{"de": "0"}]
        return cls.of_values(genre, valeurs, inconnus)

    @classmethod
    def of_values(
        cls, genre: str, valeurs: Mapping[str, Sequence[Valeurs]], inconnus: Mapping[str, Valeurs]
    ) -> GrilleSaisie:
        """A grid whose rows show these values as they were typed, by residence; `inconnus` are those of the row of the
        unknown quotient.
        """
        return cls(
            genre,
            [
                PartieGrille(
                    residence,
                    [
                        _rangee(residence, numero, genre, initial=dict(rangee))
                        for numero, rangee in enumerate(valeurs[residence], 1)
                    ],
                    _rangee(residence, INCONNU, genre, initial=dict(inconnus[residence])),
                )
                for residence in LIEUX
            ],
        )

    @classmethod
    def of_data(cls, data: Any, genre: str) -> GrilleSaisie:
        """The grid bound to the data of a request, so that it can be validated; rows are named by its `rangee` fields,
        in their order, the first eighty.
        """
        parties = []
        lues = [lu for lu in map(RANGEE.fullmatch, data.getlist("rangee")[:RANGEES]) if lu]
        for residence in LIEUX:
            numeros = dict.fromkeys(int(lu[2]) for lu in lues if lu[1] == residence)
            rangees = [_rangee(residence, numero, genre, data=data) for numero in numeros]
            parties.append(PartieGrille(residence, rangees, _rangee(residence, INCONNU, genre, data=data)))
        return cls(genre, parties)

    @property
    def rangees(self) -> Iterator[Rangee]:
        """All the rows of the grid, residence by residence, that of the unknown quotient last in each."""
        for partie in self.parties:
            yield from partie.toutes

    def is_valid(self) -> bool:
        """Whether each row of the grid is understood, with its errors tied to their fields for screen readers; holes
        and overlaps are not looked at.
        """
        for rangee in self.rangees:
            for nom in rangee.form.errors.keys() & rangee.form.fields.keys():
                decrit = {"aria-describedby": f"{AIDE} {rangee.form[nom].auto_id}_error"}
                rangee.form.fields[nom].widget.attrs |= decrit
        return not self.fautes

    @property
    def fautes(self) -> list[Rangee]:
        """The rows that have an error."""
        return [rangee for rangee in self.rangees if rangee.form.errors]

    @property
    def lignes(self) -> tuple[LigneGrille, ...]:
        """All the lines of this valid grid. A column of ranks that is empty throughout gives none."""
        return tuple(ligne for rangee in self.rangees for ligne in rangee.form.lignes)

    def place_defauts(self) -> list[DefautVu]:
        """The holes and overlaps of this valid grid, as the page shows them; each is also put beside the row after
        which it comes.
        """
        par_residence = {partie.residence: partie for partie in self.parties}
        vus = []
        for defaut in defauts_of(self.lignes):
            vu, partie = DefautVu.of(defaut), par_residence[defaut.residence]
            vus.append(vu)
            if defaut.de is None:
                partie.inconnu.defauts.append(vu)
                continue
            debuts = [(debut, r) for r in partie.rangees if (debut := r.form.cleaned_data.get("de")) is not None]
            avant = [(debut, r) for debut, r in debuts if debut <= (defaut.de or 0)]
            if not avant:
                partie.avant.append(vu)
                continue
            voisine = max(avant, key=lambda place: place[0])[1]
            voisine.defauts.append(vu)
            voisine.form.fields["a"].widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"{AIDE} {vu.ancre}"}
        return vus

    # --- Changing its shape, with what was typed ----------------------------------------------------------------------

    def with_rangee(self, residence: str, de: str = "", a: str = "") -> GrilleSaisie:
        """A new grid with one row more for this residence, from the quotient `de` to `a`: in its place when `de` is
        given, else after the last row and beginning where that ends.
        """
        valeurs = self._values()
        rangees = valeurs[residence]
        if not de and rangees and (fin := _number(rangees[-1].get("a", ""))) >= 0:
            de = str(fin + 1)
        place = next((n for n, r in enumerate(rangees) if _number(r.get("de", "")) > _number(de) >= 0), len(rangees))
        rangees.insert(place, {"de": de, "a": a})
        return self._again(valeurs)

    def without_rangee(self, cle: str) -> GrilleSaisie:
        """A new grid without the row of this key."""
        valeurs = {
            partie.residence: [_typed(r.form) for r in partie.rangees if r.cle != cle] for partie in self.parties
        }
        return self._again(valeurs)

    def with_commune_everywhere(self) -> GrilleSaisie:
        """A new grid where every residence has the rows typed for the commune."""
        commune = self.parties[0]
        valeurs = dict.fromkeys(LIEUX, [_typed(rangee.form) for rangee in commune.rangees])
        return self.of_values(self.genre, valeurs, dict.fromkeys(LIEUX, _typed(commune.inconnu.form)))

    def with_genre(self, genre: str) -> GrilleSaisie:
        """A new grid of the same quotients, with prices or with rates as `genre` says; what was typed of the other kind
        is lost.
        """
        inconnus = {partie.residence: _typed(partie.inconnu.form) for partie in self.parties}
        return self.of_values(genre, self._values(), inconnus)

    def _values(self) -> dict[str, list[dict[str, str]]]:
        return {partie.residence: [_typed(rangee.form) for rangee in partie.rangees] for partie in self.parties}

    def _again(self, valeurs: Mapping[str, Sequence[Valeurs]]) -> GrilleSaisie:
        inconnus = {partie.residence: _typed(partie.inconnu.form) for partie in self.parties}
        return self.of_values(self.genre, valeurs, inconnus)


def _rangee(residence: str, numero: int | str, genre: str, **kwargs: Any) -> Rangee:
    cle = f"{residence}-{numero}"
    return Rangee(cle, RangeeForm(prefix=cle, residence=residence, genre=genre, numero=numero, **kwargs))


def _typed(form: RangeeForm) -> dict[str, str]:
    return {nom: str(form[nom].value() or "") for nom in form.fields}


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text.strip()) else -1


def _values(ligne: LigneGrille) -> dict[str, str]:
    """What the fields of a row show of this line."""
    valeurs = {"de": "" if ligne.qf_min is None else str(ligne.qf_min), "a": _shown(ligne.qf_max)}
    if ligne.prix is not None:
        valeurs[f"p{ligne.rang}"] = euros_csv(ligne.prix)
    if ligne.taux is not None:
        bornes = {"minimum": ligne.minimum, "maximum": ligne.maximum}
        valeurs["taux"] = f"{ligne.taux.normalize():f}".replace(".", ",")
        valeurs |= {nom: euros_csv(borne) for nom, borne in bornes.items() if borne is not None}
    return valeurs


def _shown(nombre: int | None) -> str:
    return "" if nombre is None else str(nombre)
