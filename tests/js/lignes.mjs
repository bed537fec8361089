// Une feuille d’appel d’un seul enfant, telle que lignes.js la lit, sur un appareil qui ne garde rien.
import { ouvrirPage } from './page.mjs';

function creerCase(name, rangee) {
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
}
// demandes.js dessine sous la ligne ; ici, la question y est dès qu’il faut qu’elle le soit.
function creerCases() {
  const suite = { dataset: { suite: 'arrivee' }, matches: () => true, contains: () => false, remove() {} };
  const trouvables = {};
  for (const choix of ['b', '.note', '[data-retard]']) trouvables[choix] = { textContent: '', hidden: true };
  const rangee = {
    dataset: { qui: '{"dit": "Léa Morel, CE1", "e": "e"}' },
    querySelector: choix => trouvables[choix],
    get nextElementSibling() {
      return parti.checked && !present.checked ? suite : undefined;
    },
  };
  const [present, parti] = ['present', 'parti'].map(name => creerCase(name, rangee));
  return [present, parti];
}
export async function ouvrirFeuille() {
  const cases = creerCases();
  const formulaire = Object.assign(new EventTarget(), { dataset: {}, querySelectorAll: () => cases });
  const page = ouvrirPage({ elements: { '[data-feuille]': formulaire } });
  page.base.refuse = true;
  const lignes = await page.prendre('lignes.js');
  return { ...lignes, ligne: lignes.lignes[7] };
}
