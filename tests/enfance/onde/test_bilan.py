"""The sentences of the report of an import."""

from __future__ import annotations

import pytest

from enfance.onde.bilan import Bilan
from tests.reading import plain


@pytest.mark.parametrize(
    ("champ", "dit"),
    [
        ("inscriptions_annulees", "Inscriptions annulées par ces départs : 3 (gardées en mémoire)."),
        ("inscriptions_retablies", "Inscriptions rétablies par ces retours : 3."),
        ("inscriptions_deplacees", "Inscriptions passées à la nouvelle école : 3."),
        ("inscriptions_perdues", "Inscriptions que la nouvelle école ne peut prendre, annulées : 3."),
    ],
)
def test_what_happened_to_registrations_is_said_where_it_did(champ, dit):
    bilan = Bilan("2026-2027", simulation=False)
    assert not any("Inscriptions" in phrase for phrase in bilan.phrases())

    bilan = Bilan("2026-2027", simulation=False, **{champ: 3})

    assert [plain(phrase) for phrase in bilan.phrases() if "Inscriptions" in phrase] == [dit]


def test_pupils_are_counted_by_what_became_of_them():
    bilan = Bilan("2026-2027", simulation=False)
    for qui, fields in (("Anna", {"cree": True}), ("Léo", {}), ("Tom", {"confirme": True})):
        bilan.eleves.add(qui, **{"cree": False, "changements": []} | fields)
    assert plain(bilan.eleves.phrase("élève")) == "1 créé, 0 modifié, 1 confirmé, 1 inchangé, 0 parti"

    bilan.eleves.revenus.append("Inès")
    bilan.eleves.partis.extend(["Zoé", "Hugo"])

    assert plain(bilan.eleves.phrase("élève")) == "1 créé, 0 modifié, 1 confirmé, 1 inchangé, 2 partis, 1 revenu"
    assert "parti" not in bilan.responsables.phrase("responsable")
