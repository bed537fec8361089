"""How people are named, wherever they are."""


def nom_enfant(prenom: str, nom: str, nom_usage: str) -> str:
    """The name of a child as it is said, by the name that it goes by: « Léa MARTIN »."""
    return f"{prenom} {nom_usage or nom}"


def nom_liste(prenom: str, nom: str, nom_usage: str) -> str:
    """The name of a child as a list on paper has it, the family name first and in capitals: « MARTIN Léa »."""
    return f"{(nom_usage or nom).upper()} {prenom}"
