// Ce que l’appareil garde (garde.js, avant.js) : rien n’est dit gardé avant d’être sur le disque, rien ne se perd.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Base, calme, ouvrirPage } from './page.mjs';

async function ouvrir(options) {
  const page = ouvrirPage(options);
  const garde = await page.prendre('garde.js');
  await garde.pret;
  return { ...page, ...garde };
}

test('une valeur se lit aussitôt, et n’est dite gardée qu’une fois sur le disque', async () => {
  const { base, garder, gardes, estGarde } = await ouvrir();
  base.retenue = true;
  const ecriture = garder([['etat:soir', 1]]);
  await calme();
  assert.deepEqual([gardes.get('etat:soir'), estGarde('etat:soir')], [1, false]);

  await base.finir();
  assert.equal(await ecriture, true);
  assert.deepEqual([base.lignes.get('etat:soir'), estGarde('etat:soir')], [1, true]);
});

test('une écriture finie ne dit pas gardée la valeur qui l’a suivie', async () => {
  const { base, garder, gardes, estGarde } = await ouvrir();
  base.retenue = true;
  garder([['etat:soir', 1]]);
  await calme();
  garder([['etat:soir', 2]]);
  await calme();
  await base.finir();
  assert.deepEqual([gardes.get('etat:soir'), estGarde('etat:soir')], [2, false]);

  await base.finir();
  assert.deepEqual([base.lignes.get('etat:soir'), estGarde('etat:soir')], [2, true]);
});

test('ce qui n’a pas pu être écrit l’est avec ce qui suit', async () => {
  const { base, garder, estGarde, neGardeRien } = await ouvrir();
  base.refuse = true;
  assert.equal(await garder([['pointages:1:a', 'un']]), false);
  assert.deepEqual([neGardeRien(), estGarde('pointages:1:a')], [true, false]);

  base.refuse = false;
  assert.equal(await garder([['pointages:1:b', 'deux']]), true);
  assert.deepEqual([neGardeRien(), [...base.lignes.values()]], [false, ['un', 'deux']]);
});

test('une clé oubliée quitte le disque, les autres restent', async () => {
  const { base, garder, oublier, gardes } = await ouvrir();
  await garder([['cases:1:a', 'un'], ['cases:1:b', 'deux']]);
  await oublier(['cases:1:a']);
  assert.deepEqual([[...base.lignes.keys()], [...gardes.keys()]], [['cases:1:b'], ['cases:1:b']]);
});

test('une page trouve ce qu’une autre a laissé', async () => {
  const base = new Base();
  await (await ouvrir({ base })).garder([['cases:1:a', 'un']]);
  assert.equal((await ouvrir({ base })).gardes.get('cases:1:a'), 'un');
});

test('relire ne perd pas ce qui n’est pas encore écrit', async () => {
  const { base, garder, gardes, relire } = await ouvrir();
  base.lignes.set('etat:midi', 'd’un autre onglet');
  base.lignes.set('etat:soir', 'd’avant');
  base.retenue = true;
  garder([['etat:soir', 'd’ici']]);
  garder([['etat:matin']]);
  await relire();
  assert.deepEqual(Object.fromEntries(gardes), { 'etat:midi': 'd’un autre onglet', 'etat:soir': 'd’ici' });
});

test('un onglet suit ce qu’un autre écrit, hors de ce qu’il écrit lui-même', async () => {
  const base = new Base();
  const ici = await ouvrir({ base });
  const ailleurs = await ouvrir({ base, seule: false });
  await ailleurs.garder([['etat:midi', 'd’ailleurs']]);
  assert.equal(ici.gardes.get('etat:midi'), 'd’ailleurs');

  ici.oublier(['etat:midi']);
  ici.garder([['etat:soir', 'd’ici']]);
  await ailleurs.garder([['etat:soir', 'd’ailleurs']]);
  assert.equal(ailleurs.gardes.has('etat:midi'), false);
});

test('lister ne rend que les clés d’un préfixe', async () => {
  const { garder, lister } = await ouvrir();
  await garder([['cases:1:a', 1], ['cases:12:a', 1], ['etat:soir', 1]]);
  assert.deepEqual(lister('cases:1:'), ['cases:1:a']);
});

test('une base qui ne s’ouvre pas n’empêche pas de pointer', async () => {
  const base = new Base();
  base.refuse = true;
  const { garder, gardes, neGardeRien } = await ouvrir({ base });
  assert.equal(neGardeRien(), true);
  await garder([['etat:soir', 1]]);
  assert.equal(gardes.get('etat:soir'), 1);
});

const ANCIENNES = {
  'pointages:12': JSON.stringify([{ id: 'a', quoi: 'present' }, { id: 'b', quoi: 'parti' }]),
  'cases:jeton': JSON.stringify({ '3:2026-12-10:soir': ['ajout', 1, ''] }),
  'etat:2026-12-10:soir': JSON.stringify({ clos: '' }),
  'vue:12': '{}',
};

test('ce que la version d’avant tenait est repris, puis effacé de là', async () => {
  const { gardes } = await ouvrir({ stockage: ANCIENNES });
  await calme();
  assert.deepEqual([...gardes.keys()].sort(), [
    'cases:jeton:3:2026-12-10:soir',
    'etat:2026-12-10:soir',
    'pointages:12:a',
    'pointages:12:b',
  ]);
  assert.deepEqual(Object.keys(localStorage), ['vue:12']);
});

test('ce que la version d’avant tenait y reste tant qu’il n’est pas écrit ailleurs', async () => {
  const base = new Base();
  base.refuse = true;
  await ouvrir({ base, stockage: ANCIENNES });
  await calme();
  assert.deepEqual(Object.keys(localStorage), Object.keys(ANCIENNES));
});

test('ce qui est gardé depuis l’emporte sur la version d’avant', async () => {
  const base = new Base();
  base.lignes.set('etat:2026-12-10:soir', { clos: '18 h 32' });
  const { gardes } = await ouvrir({ base, stockage: ANCIENNES });
  assert.deepEqual(gardes.get('etat:2026-12-10:soir'), { clos: '18 h 32' });
});
