"""Amounts in templates: `{{ facture.total|euros }}`; words that agree with a number written apart."""

from django import template

from facturation import montants

register = template.Library()
register.filter("euros", montants.euros)
register.filter("ecart", montants.ecart)
register.filter("pour_cent", montants.pour_cent)
register.filter("accorde", montants.accorde)
