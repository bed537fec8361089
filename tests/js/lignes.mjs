// Une feuille d’appel d’un seul enfant, telle que lignes.js la lit, et ce qu’un navigateur donne à ce script, en assez
// peu pour être relu : aucun réseau, un appareil qui ne garde rien. Rien d’installé.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

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
function ouvrirPage(formulaire) {
  const fenetre = new EventTarget();
  const { setTimeout: minuter } = globalThis;
  const globales = {
    document: {
      querySelector: choix => (choix === '[data-feuille]' ? formulaire : null),
      querySelectorAll: () => [],
    },
    location: { search: '', toString: () => 'http://portail/' },
    localStorage: {},
    indexedDB: {
      open() {
        throw new Error('refusé');
      },
    },
    BroadcastChannel: EventTarget,
    addEventListener: fenetre.addEventListener.bind(fenetre),
    dispatchEvent: fenetre.dispatchEvent.bind(fenetre),
    setTimeout: (faire, delai) => minuter(faire, delai).unref(),
  };
  for (const [nom, value] of Object.entries(globales)) {
    Object.defineProperty(globalThis, nom, { value, configurable: true, writable: true });
  }
}
// Les scripts sont pris d’une copie : Node ne lit ces modules que d’un dossier qui dit qu’ils en sont.
async function prendre(nom) {
  const copie = mkdtempSync(join(tmpdir(), 'scripts-'));
  process.on('exit', () => rmSync(copie, { recursive: true }));
  cpSync(new URL('../../static/js', import.meta.url), copie, { recursive: true });
  writeFileSync(join(copie, 'package.json'), '{"type": "module"}');
  return import(pathToFileURL(join(copie, nom)));
}

export async function ouvrirFeuille() {
  const cases = creerCases();
  ouvrirPage(Object.assign(new EventTarget(), { dataset: {}, querySelectorAll: () => cases }));
  const lignes = await prendre('lignes.js');
  return { ...lignes, ligne: lignes.lignes[7] };
}
