// Combien de cases cet appareil garde, de qui que ce soit : la page de connexion n’est à personne.
import { lister, pret } from './garde.js';

export async function dire(avis) {
  await pret;
  const nombre = lister('cases:').length;
  const [s, seront] = nombre > 1 ? ['s', 'elles seront'] : ['', 'elle sera'];
  avis.querySelector('[data-nombre]').textContent = `${nombre}\u00a0case${s} gardée${s} sur cet appareil`;
  avis.querySelector('[data-seront]').textContent = seront;
  avis.hidden = !nombre;
}
