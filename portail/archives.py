"""An archive of XML from elsewhere (a workbook): none of its parts is opened before it was measured (VAL-15).

Each part is gone through once, as it comes, so that what is built of it afterwards is no larger than a list makes it.
"""

from __future__ import annotations

import io
import zipfile
from typing import IO, Literal
from xml.parsers import expat

ENTREE = b"PK\x01\x02"  # begins each entry of the list of an archive
ENTREES_MAX = 500  # a workbook has about twelve, and one more a picture
PETITE, GRANDE = 1_000_000, 15_000_000  # bytes of a part read whole, or as it comes; 20,000 lines weigh 12 millions
RATIO_MAX = 100  # bytes unpacked of one, beyond a small part; lists come to 10 or 20
# Elements and attributes of all that is opened. The first are cells and texts: 5,000 lines of eight cells have 250,000.
LEGERS = frozenset({"row", "c", "v", "f", "is", "t", "si"})
LEGERS_MAX, RANG_MAX = 600_000, 50_000  # in all, and in one row, which is held whole: it has 16,384 cells at most
LOURDS_MAX = 40_000  # the others become objects; 32 signs count for one more
NIVEAUX_MAX, NOMS_MAX = 50, 1_000  # elements in one another; names of elements and attributes. A sheet has 8 and 60
BLOC, SUITE_MAX = 65_536, 300_000  # bytes read at once; of one tag
TEXTE_MAX, VALEUR_MAX, FORMAT_MAX = 32_767, 8_192, 255  # signs of a cell, of an attribute, of the format of a number
FORMULES_MAX = 1_000_000  # formulas times the length of the longest: it may be written again for each cell

TROP = "ce classeur contient bien trop de choses pour une liste."


class Demesure(Exception):
    """More than a list holds: `str()` is a sentence for a secretary."""


class ArchiveMesuree(zipfile.ZipFile):
    """An archive that opens no part before it has measured it. Raises Demesure; whatever else, it is no workbook."""

    def __init__(self, contenu: bytes) -> None:
        if contenu.count(ENTREE) > ENTREES_MAX:  # each would be an object before any could be counted
            raise Demesure(TROP)
        super().__init__(io.BytesIO(contenu))
        self.mesurees: set[str] = set()
        self.legers = self.lourds = self.rang = self.niveau = self.texte = self.formules = self.formule = 0
        self.nom = ""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """The bytes of a part of the archive. Raises Demesure when it is larger than `PETITE` (1 MB), as it becomes a
        tree at once."""
        if self.getinfo(str(name)).file_size > PETITE:
            raise Demesure(TROP)
        return super().read(name, pwd)

    def open(
        self,
        name: str | zipfile.ZipInfo,
        mode: Literal["r", "w"] = "r",
        pwd: bytes | None = None,
        *,
        force_zip64: bool = False,
    ) -> IO[bytes]:
        """Open a part of the archive, once it was measured: raises Demesure when it holds more than a list, ValueError
        for a compression, an encoding or a declaration that no workbook needs."""
        if str(name) not in self.mesurees:
            self.mesurees.add(str(name))
            self._mesure(self.getinfo(str(name)))
        return super().open(name, mode, pwd, force_zip64=force_zip64)

    def _mesure(self, piece: zipfile.ZipInfo) -> None:
        if piece.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # others unfold by whole blocks
            raise ValueError("compression")
        if piece.file_size > min(GRANDE, max(PETITE, RATIO_MAX * piece.compress_size)):
            raise Demesure(TROP)
        noms: dict[str, str] = {}
        analyseur = expat.ParserCreate(intern=noms)
        analyseur.buffer_text = True
        analyseur.XmlDeclHandler = self._declare
        analyseur.StartDoctypeDeclHandler = self._refuse
        analyseur.StartElementHandler = self._begin
        analyseur.EndElementHandler = self._end
        analyseur.CharacterDataHandler = self._text
        lus = 0
        with super().open(piece) as contenu:  # it gives no more than it said
            while bloc := contenu.read(BLOC):
                lus += len(bloc)
                if b"\0" in bloc:  # UTF-16, which another reader may cut otherwise
                    self._refuse()
                analyseur.Parse(bloc)
                if len(noms) > NOMS_MAX or lus - analyseur.CurrentByteIndex > SUITE_MAX:
                    raise Demesure(TROP)
        analyseur.Parse(b"", True)

    def _begin(self, nom: str, attributs: dict[str, str]) -> None:
        self.niveau += 1
        self.nom, self.texte = nom.rpartition(":")[2], 0
        if self.nom in LEGERS:
            self.legers += 1 + len(attributs)
            self.rang = self.legers if self.nom in {"row", "si"} else self.rang
            self.formules += self.nom == "f"
        else:
            self.lourds += 1 + len(attributs) + sum(map(len, attributs.values())) // 32
        valeur_max = FORMAT_MAX if self.nom == "numFmt" else VALEUR_MAX
        if self.niveau > NIVEAUX_MAX or any(len(valeur) > valeur_max for valeur in attributs.values()):
            raise Demesure(TROP)
        if self.legers > min(LEGERS_MAX, self.rang + RANG_MAX) or self.lourds > LOURDS_MAX:
            raise Demesure(TROP)
        self._text("")

    def _text(self, texte: str) -> None:
        self.texte += len(texte)
        self.formule = max(self.formule, self.texte if self.nom == "f" else 0)
        if self.texte > TEXTE_MAX or self.formules * self.formule > FORMULES_MAX:
            raise Demesure(TROP)

    def _end(self, nom: str) -> None:
        self.niveau -= 1

    def _declare(self, version: str, encodage: str | None, seul: int) -> None:
        if (encodage or "utf-8").lower() != "utf-8":
            self._refuse()

    def _refuse(self, *declaration: object) -> None:
        raise ValueError("DTD or encoding")
