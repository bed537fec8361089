"""Amounts in templates: `{{ facture.total|euros }}`; words that agree with a number written apart; until when to
pay, as it is said on a day: `{{ facture.echeance|a_payer:today }}`.
"""

from django import template

from facturation import montants
from facturation.papiers import mots

register = template.Library()
register.filter("euros", montants.euros)
register.filter("ecart", montants.ecart)
register.filter("pour_cent", montants.pour_cent)
register.filter("accorde", montants.accorde)
register.filter("a_payer", mots.a_payer)
register.filter("avant_le", mots.avant_le)
