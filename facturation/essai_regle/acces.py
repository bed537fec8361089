"""Who tries a rule, and where: the secretary, who writes what the council votes."""

ESSAYER = "facturation.add_tarif"
PAGE_ESSAI = "admin:facturation_essayer"
