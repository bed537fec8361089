// La feuille recomptée à chaque case (comptes.js), dans les mots de la page : attendus, venus, encore là, adultes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ouvrirPage } from './page.mjs';

const TEXTES = [
  '[data-presents]',
  '[data-comptes]',
  '[data-absents-quand]',
  '[data-absents]',
  '[data-encore]',
  '[data-encadrement-dit]',
  '[data-adultes-dit]',
  '[data-nombre=moins6]',
  '[data-nombre=plus6]',
];

// Une rangée : un inscrit de six ans, sauf ce qui est dit.
function creerRangee(cle, { nom, dit, present, parti, tranche = 'plus6', inscrit = '', absence } = {}) {
  const cases = [
    { value: cle, checked: Boolean(present) },
    { value: cle, checked: Boolean(parti) },
  ];
  return {
    dataset: JSON.parse(JSON.stringify({ tranche, inscrit: inscrit ?? undefined, absence, dit })),
    querySelectorAll: () => cases,
    querySelector: () => ({ textContent: nom ?? `E${cle}` }),
  };
}
const PHRASES = ['[data-encore-noms]', '[data-question-noms]'];

async function compter(rangees, { adultes = '', declaree, moins6 = '10', plus6 = '14' } = {}) {
  const elements = Object.fromEntries(TEXTES.map(choix => [choix, { textContent: '' }]));
  for (const choix of PHRASES) {
    const phrase = { hidden: false };
    elements[choix] = { textContent: '', phrase, closest: () => phrase };
  }
  const classes = {};
  const boutons = [new EventTarget(), new EventTarget()];
  const bloc = {
    dataset: { moins6, plus6, ...(declaree && { declaree: '' }) },
    classList: { toggle: (nom, voulu) => (classes[nom] = voulu) },
    querySelectorAll: () => boutons,
  };
  const cles = {};
  Object.assign(elements, {
    '[data-encadrement]': bloc,
    '[data-encore-cles]': { setAttribute: (nom, valeur) => (cles[nom] = valeur) },
    progress: {},
  });
  const formulaire = Object.assign(new EventTarget(), {
    dataset: { adultes },
    querySelector: choix => elements[choix] ?? null,
    querySelectorAll: () => rangees,
  });
  const page = ouvrirPage({ elements: { '[data-feuille]': formulaire } });
  await page.prendre('comptes.js');
  formulaire.dispatchEvent(new Event('compte'));
  const lire = choix => String(elements[choix].textContent);
  return { lire, classes, cles, formulaire, boutons, phrase: choix => elements[choix].phrase, jauge: elements.progress };
}

test('les attendus sont les inscrits, moins les absences dites de ceux qui ne sont pas venus', async () => {
  const { lire, jauge } = await compter([
    creerRangee('1', { present: true }),
    creerRangee('2'),
    creerRangee('3', { absence: '' }),
    creerRangee('4', { absence: '', present: true }),
    creerRangee('5', { inscrit: null, present: true }),
  ]);
  assert.equal(lire('[data-presents]'), '2');
  assert.equal(lire('[data-comptes]'), 'présents sur 3\u00a0attendus et 1\u00a0venu sans inscription');
  assert.deepEqual(jauge, { max: 3, value: 2 });
});

test('un seul se dit au singulier, et une feuille sans attendu a une jauge', async () => {
  const { lire, jauge } = await compter([creerRangee('1', { inscrit: null, present: true })]);
  assert.equal(lire('[data-comptes]'), 'présent sur 0\u00a0attendu et 1\u00a0venu sans inscription');
  assert.deepEqual(jauge, { max: 1, value: 0 });
});

test('les absents sont les inscrits sans case, l’homonyme avec sa classe', async () => {
  const { lire } = await compter([
    creerRangee('1', { nom: 'Léa Morel', dit: 'Léa Morel (CE1)' }),
    creerRangee('2', { nom: 'Tom Morel' }),
    creerRangee('3', { present: true }),
    creerRangee('4', { inscrit: null }),
  ]);
  assert.equal(lire('[data-absents]'), 'Léa Morel (CE1), Tom Morel');
  assert.equal((await compter([creerRangee('3', { present: true })])).lire('[data-absents]'), 'personne');
});

test('qui est parti n’est plus là, qui est parti sans être arrivé l’est peut-être', async () => {
  const { lire, cles, phrase } = await compter([
    creerRangee('1', { nom: 'Léa', present: true }),
    creerRangee('2', { nom: 'Tom', present: true }),
    creerRangee('3', { nom: 'Zoé', present: true, parti: true }),
    creerRangee('4', { nom: 'Ali', parti: true }),
  ]);
  assert.equal(lire('[data-encore]'), '3');
  assert.equal(lire('[data-encore-noms]'), 'Léa et Tom');
  assert.equal(lire('[data-question-noms]'), 'Ali');
  assert.equal(cles.value, '1 2 4');
  assert.deepEqual([phrase('[data-encore-noms]').hidden, phrase('[data-question-noms]').hidden], [false, false]);
});

test('la phrase de ceux qui sont encore là se tait quand une question attend seule', async () => {
  const { phrase } = await compter([creerRangee('4', { parti: true })]);
  assert.deepEqual([phrase('[data-encore-noms]').hidden, phrase('[data-question-noms]').hidden], [true, false]);
  const vide = await compter([creerRangee('4')]);
  assert.deepEqual([vide.phrase('[data-encore-noms]').hidden, vide.lire('[data-encore-noms]')], [false, 'personne']);
});

const PETITS = [1, 2, 3].map(cle => creerRangee(String(cle), { present: true, tranche: 'moins6' }));
const GRANDS = [4, 5, 6].map(cle => creerRangee(String(cle), { present: true }));

test('chaque tranche d’âge arrondit pour elle-même', async () => {
  const { lire } = await compter([...PETITS, ...GRANDS], { moins6: '2', plus6: '3' });
  assert.equal(lire('[data-encadrement-dit]'), 'Il faut 3\u00a0adultes pour 6\u00a0enfants');
  assert.deepEqual([lire('[data-nombre=moins6]'), lire('[data-nombre=plus6]')], ['3', '3']);
  assert.equal(lire('[data-adultes-dit]'), '?\u00a0adulte');
});

test('un adulte qui manque se dit, plus fort où la garderie est déclarée', async () => {
  const repere = await compter(GRANDS, { plus6: '1', adultes: '2' });
  assert.equal(repere.lire('[data-encadrement-dit]'), 'Il manque 1\u00a0adulte pour 3\u00a0enfants');
  assert.deepEqual(repere.classes, { 'encadrement--manque': false, 'encadrement--repere': true });
  const declaree = await compter(GRANDS, { plus6: '1', adultes: '0', declaree: true });
  assert.equal(declaree.lire('[data-encadrement-dit]'), 'Il manque 3\u00a0adultes pour 3\u00a0enfants');
  assert.deepEqual(declaree.classes, { 'encadrement--manque': true, 'encadrement--repere': false });
});

test('assez d’adultes, ou personne à encadrer', async () => {
  assert.equal((await compter(GRANDS, { adultes: '1' })).lire('[data-encadrement-dit]'), 'Assez d’adultes pour 3\u00a0enfants');
  assert.equal((await compter([])).lire('[data-encadrement-dit]'), 'Aucun enfant à encadrer');
});

test('un adulte de moins ou de plus reste entre zéro et quatre-vingt-dix-neuf', async () => {
  const presser = async (adultes, rang) => {
    const { formulaire, boutons } = await compter([], { adultes });
    let voulu;
    formulaire.addEventListener('geste', ({ detail }) => (voulu = detail.coche));
    boutons[rang].dispatchEvent(new Event('click', { cancelable: true }));
    return voulu;
  };
  assert.deepEqual([await presser('', 0), await presser('0', 0), await presser('', 1), await presser('99', 1)], [0, 0, 1, 99]);
});
