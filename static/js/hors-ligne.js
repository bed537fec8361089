// Compte ce que l’appareil garde, de qui que ce soit : la page sans réseau n’est à personne.
import { lister, neGardeRien, pret } from './garde.js';

const chercher = nom => document.querySelector(`[data-${nom}]`);

// La déconnexion n’est pas partie ; son adresse ne se redemande pas.
if (location.pathname === '/deconnexion/') {
  chercher('connecte').hidden = false;
  chercher('parti').hidden = true;
  chercher('reessayer').href = '/';
}

await pret;
if (!neGardeRien()) {
  const nombre = lister('cases:').length;
  const [s, verbe] = nombre > 1 ? ['s', 'sont gardées'] : ['', 'est gardée'];
  chercher('nombre').textContent = nombre
    ? `${nombre}\u00a0case${s} pas encore enregistrée${s} ${verbe} sur cet appareil.`
    : 'Aucune case n’attend sur cet appareil.';
  chercher('attend').hidden = !nombre;
}
