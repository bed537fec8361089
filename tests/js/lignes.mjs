// Une feuille d’appel d’un seul enfant, telle que lignes.js la lit ; de quoi y poser des gestes et voir l’état.
import { ouvrirPage } from './page.mjs';

// Ce qui s’ouvre sous une ligne se compte ici sans être dessiné.
function creerRangee() {
  const rangee = { dataset: { qui: '{"dit": "Léa Morel, CE1", "e": "e"}' }, nextElementSibling: undefined };
  const element = texte => ({ textContent: texte, hidden: true });
  const trouvables = { b: element('Léa Morel'), '.note': element(''), '[data-retard]': element('') };
  rangee.querySelector = choix => trouvables[choix];
  const creerCase = name => {
    let cochee = false;
    return {
      name,
      value: '7',
      closest: () => rangee,
      get checked() {
        return cochee;
      },
      set checked(valeur) {
        cochee = Boolean(valeur);
      },
    };
  };
  return { rangee, cases: [creerCase('present'), creerCase('parti')] };
}

export async function ouvrirFeuille() {
  const { rangee, cases } = creerRangee();
  const formulaire = Object.assign(new EventTarget(), { dataset: {}, querySelectorAll: () => cases });
  const page = ouvrirPage({ elements: { '[data-feuille]': formulaire } });
  const suite = {
    dataset: { suite: 'arrivee' },
    matches: () => true,
    contains: () => false,
    remove: () => (rangee.nextElementSibling = undefined),
  };
  // demandes.js dessine ; ici, la question est ouverte dès qu’il faut qu’elle le soit.
  Object.assign(globalThis, { location: { href: 'http://portail/', search: '', toString: () => 'http://portail/' } });
  const [present, parti] = cases;
  Object.defineProperty(rangee, 'nextElementSibling', {
    get: () => (parti.checked && !present.checked ? suite : undefined),
    set() {},
  });
  const lignes = await page.prendre('lignes.js');
  return { ...page, ...lignes, ligne: lignes.lignes[7], rangee };
}
