// Compte ce que l’appareil garde, de qui que ce soit : la page sans réseau n’est à personne.
const chercher = nom => document.querySelector(`[data-${nom}]`);

try {
  const comptes = Object.keys(localStorage).filter(cle => cle.startsWith('cases:'));
  const nombre = comptes.reduce((total, cle) => total + Object.keys(JSON.parse(localStorage.getItem(cle))).length, 0);
  const [s, verbe] = nombre > 1 ? ['s', 'sont gardées'] : ['', 'est gardée'];
  chercher('nombre').textContent = nombre
    ? `${nombre}\u00a0case${s} pas encore enregistrée${s} ${verbe} sur cet appareil.`
    : 'Aucune case n’attend sur cet appareil.';
  chercher('attend').hidden = !nombre;
} catch {
  // stockage refusé : la page l’avait dit
}

// La déconnexion n’est pas partie ; son adresse ne se redemande pas.
if (location.pathname === '/deconnexion/') {
  chercher('connecte').hidden = false;
  chercher('parti').hidden = true;
  chercher('reessayer').href = '/';
}
