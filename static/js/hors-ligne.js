// Compte ce que l’appareil garde, de qui que ce soit : la page sans réseau n’est à personne.
const phrase = document.querySelector('[data-nombre]');

try {
  const comptes = Object.keys(localStorage).filter(cle => cle.startsWith('cases:'));
  const nombre = comptes.reduce((total, cle) => total + Object.keys(JSON.parse(localStorage.getItem(cle))).length, 0);
  const [s, verbe] = nombre > 1 ? ['s', 'sont gardées'] : ['', 'est gardée'];
  phrase.textContent = nombre
    ? `${nombre}\u00a0case${s} pas encore enregistrée${s} ${verbe} sur cet appareil.`
    : 'Aucune case n’attend sur cet appareil.';
} catch {
  // stockage refusé : la page l’avait dit
}
