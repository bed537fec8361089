"""What is kept adds to the house: what was erased, keys alone."""

from portail.bureau import Tables
from portail.effacements import Effacements
from portail.extensions import Extension

EXTENSION = Extension(
    tables=(Tables("traces", "Ce qui a été fait", ("conservation.effacement",)),),
    effacements=Effacements(
        sans_texte=dict.fromkeys(("conservation.Effacement", "conservation.Reunion"), "des clés, aucun nom")
    ),
)
