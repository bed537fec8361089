"""Amounts in templates: `{{ facture.total|euros }}`."""

from django import template

from facturation import montants

register = template.Library()
register.filter("euros", montants.euros)
