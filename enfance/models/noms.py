"""How people are named, wherever they are."""


def nom_enfant(prenom: str, nom: str, nom_usage: str) -> str:
    """A child, by the name that it goes by: « Léa MARTIN »."""
    return f"{prenom} {nom_usage or nom}"
