// Les aides du planning (planning.js) : ce qu’un bouton qui remplit prend, et ce qu’il laisse.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ouvrirPage } from './page.mjs';

let aides;
before(async () => {
  aides = await ouvrirPage().prendre('planning.js');
});

// Une case ; `prise` : d’une liste d’attente, ou d’un jour fermé, elle n’est pas à remplir.
function creer(value, checked = false, { prise = '', pareil, avant, enregistree = checked } = {}) {
  return {
    value,
    checked,
    defaultChecked: enregistree,
    dataset: { ...(pareil && { pareil }), ...(avant !== undefined && { avant }) },
    classList: { contains: nom => nom === prise },
    matches: choix => prise !== '' && choix.includes(prise),
  };
}
const dire = valeurs => valeurs.map(([{ value }, cochee]) => [value, cochee]);
const LUNDI = '2026-12-07';
const MARDI = '2026-12-08';
const LUNDI_SUIVANT = '2026-12-14';

test('une case se lit : l’enfant, le jour, le créneau, le jour de semaine', () => {
  assert.deepEqual(aides.lire(creer(`3:${LUNDI}:soir`)), {
    enfant: '3',
    jour: LUNDI,
    creneau: 'soir',
    jourDeSemaine: 1,
    moment: 'soir',
  });
});

test('une case de semaine type a un jour de semaine, celle d’une autre école son moment', () => {
  const lue = aides.lire(creer('3:4:soir-hameau', false, { pareil: 'soir' }));
  assert.deepEqual([lue.jourDeSemaine, lue.creneau, lue.moment], [4, 'soir-hameau', 'soir']);
});

test('une case rendue par un refus se compare à ce qui est enregistré, pas à ce que la page montre', () => {
  assert.equal(aides.etaitCochee(creer('3:1:soir', true, { avant: '0' })), false);
  assert.equal(aides.etaitCochee(creer('3:1:soir', false, { avant: '1' })), true);
  assert.equal(aides.etaitCochee(creer('3:1:soir', true, { enregistree: false })), false);
});

test('les totaux sont du mois, par enfant, sans ceux qui attendent', () => {
  const tuiles = [
    creer(`3:${LUNDI}:soir`, true),
    creer(`3:${MARDI}:soir`, true),
    creer(`4:${LUNDI}:soir`, true),
    creer(`3:${LUNDI}:midi`, true, { prise: 'tuile--att' }),
    creer('3:2027-01-04:soir', true),
    creer(`3:${LUNDI}:matin`),
  ];
  assert.deepEqual(aides.compterCases(tuiles, '2026-12'), { 3: 2, 4: 1 });
  assert.deepEqual(aides.compterCases(tuiles, ''), { 3: 3, 4: 1 });
});

test('recopier prend la même place de la semaine, décochée aussi', () => {
  const modeles = [creer(`3:${LUNDI}:soir`, true), creer(`3:${LUNDI}:midi`), creer(`4:${LUNDI}:soir`)];
  const cibles = [
    creer(`3:${LUNDI_SUIVANT}:soir`),
    creer(`3:${LUNDI_SUIVANT}:midi`, true),
    creer(`4:${LUNDI_SUIVANT}:soir`, true),
    creer(`3:${MARDI}:soir`),
    creer(`5:${LUNDI_SUIVANT}:soir`),
  ];
  assert.deepEqual(dire(aides.copier(modeles, cibles)), [
    [`3:${LUNDI_SUIVANT}:soir`, true],
    [`3:${LUNDI_SUIVANT}:midi`, false],
    [`4:${LUNDI_SUIVANT}:soir`, false],
  ]);
});

test('recopier laisse une case fermée, complète ou cédée', () => {
  for (const prise of ['tuile--att', 'tuile--motif', 'aide-cedee', 'aide-service']) {
    const cible = creer(`3:${LUNDI_SUIVANT}:soir`, false, { prise });
    assert.deepEqual(aides.copier([creer(`3:${LUNDI}:soir`, true)], [cible]), []);
  }
});

test('recopier d’une école à l’autre suit le moment', () => {
  const modele = creer(`3:${LUNDI}:soir-bourg`, true, { pareil: 'soir' });
  const cible = creer(`3:${LUNDI_SUIVANT}:soir-hameau`, false, { pareil: 'soir' });
  assert.deepEqual(dire(aides.copier([modele], [cible])), [[cible.value, true]]);
});

test('les frères et sœurs prennent les cases du premier, là où ils en ont', () => {
  const tuiles = [
    creer(`3:${LUNDI}:midi`, true),
    creer(`3:${LUNDI}:soir`),
    creer(`4:${LUNDI}:midi`),
    creer(`4:${LUNDI}:soir`, true),
    creer(`4:${LUNDI}:matin`, true),
    creer(`5:${LUNDI}:midi`, false, { prise: 'tuile--motif' }),
  ];
  assert.deepEqual(dire(aides.copierPremier(tuiles)), [
    [`4:${LUNDI}:midi`, true],
    [`4:${LUNDI}:soir`, false],
  ]);
});

test('le remplissage rapide vise un créneau, un jour, un enfant, ou tous, dans le mois', () => {
  const tuiles = [
    creer(`3:${LUNDI}:soir`),
    creer(`4:${LUNDI}:soir`),
    creer(`3:${MARDI}:soir`),
    creer(`3:${LUNDI}:midi`),
    creer('3:2027-01-04:soir'),
    creer(`3:${LUNDI_SUIVANT}:soir`, false, { prise: 'tuile--motif' }),
  ];
  const viser = choix => aides.viserRapide(tuiles, '2026-12', choix).map(({ value }) => value);
  assert.deepEqual(viser({ creneau: 'soir', jour: '1', enfant: '*' }), [`3:${LUNDI}:soir`, `4:${LUNDI}:soir`]);
  assert.deepEqual(viser({ creneau: 'soir', jour: '*', enfant: '3' }), [`3:${LUNDI}:soir`, `3:${MARDI}:soir`]);
  assert.deepEqual(viser({ creneau: 'midi', jour: '1', enfant: '3' }), [`3:${LUNDI}:midi`]);
});
