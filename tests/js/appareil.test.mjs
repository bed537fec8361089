// Les cases cochées d’un parent (appareil.js) : gardées sous le jeton du compte tant que le serveur n’a pas répondu de
// l’envoi qui les emportait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Base, calme, ouvrirPage } from './page.mjs';

const SOIR = '3:2026-12-10:soir';
const MIDI = '3:2026-12-10:midi';
// Ce que reprise.js dessinerait : chaque demande est notée.
const REPRISE = `
  export const reprendre = suite => demandes.push(['reprendre', suite]);
  export const confirmer = suite => demandes.push(['confirmer', suite]);
  export const prevenir = () => demandes.push(['prevenir']);
`;

// Une page de planning ; `cochees` : les cases telles qu’enregistrées, `recu` : la preuve de l’envoi dont elle répond.
async function ouvrir({ base = new Base(), cochees = { [SOIR]: false, [MIDI]: true }, jeton = 'jeton', recu = '' } = {}) {
  const tuiles = Object.entries(cochees).map(([value, checked]) => ({ value, checked, name: 't', enregistree: checked }));
  const champs = { preuve: { value: '' } };
  const formulaire = Object.assign(new EventTarget(), {
    dataset: {},
    elements: champs,
    querySelectorAll: () => tuiles,
  });
  const sortie = Object.assign(new EventTarget(), { dataset: { appareil: jeton, recu } });
  const elements = { '[data-appareil]': sortie, '[data-planning]': formulaire };
  const page = ouvrirPage({ elements, base, remplaces: { 'reprise.js': REPRISE, 'travail.js': '' } });
  // planning.js dit lesquelles ne sont plus comme enregistrées.
  const montrer = () => {
    const detail = tuiles.filter(({ checked, enregistree }) => checked !== enregistree);
    formulaire.dispatchEvent(Object.assign(new Event('montre'), { detail }));
  };
  formulaire.addEventListener('redire', montrer);
  globalThis.demandes = [];
  await page.prendre('appareil.js');
  await calme();
  return {
    ...page,
    sortie,
    champs,
    async cocher(valeur, checked = true) {
      tuiles.find(({ value }) => value === valeur).checked = checked;
      montrer();
      await calme();
    },
    async envoyer(options) {
      const evenement = new Event('submit', { cancelable: true });
      if (options?.retenu) evenement.preventDefault();
      formulaire.dispatchEvent(evenement);
      await calme();
      return champs.preuve.value;
    },
    async sortir() {
      const evenement = new Event('submit', { cancelable: true });
      sortie.dispatchEvent(evenement);
      await calme();
      return evenement.defaultPrevented;
    },
  };
}
// Les cases gardées, sans l’instant : ce qui est voulu, et la preuve de l’envoi.
const gardees = ({ lignes }) => Object.fromEntries([...lignes].map(([cle, [voulu, , preuve]]) => [cle, [voulu, preuve]]));

test('une case cochée est gardée, une case décochée aussi', async () => {
  const { base, cocher } = await ouvrir();
  await cocher(SOIR);
  await cocher(MIDI, false);
  assert.deepEqual(gardees(base), { [`cases:jeton:${SOIR}`]: ['t', ''], [`cases:jeton:${MIDI}`]: ['', ''] });
});

test('une case revenue à ce qui est enregistré n’est plus gardée', async () => {
  const { base, cocher } = await ouvrir();
  await cocher(SOIR);
  await cocher(MIDI, false);
  await cocher(SOIR, false);
  assert.deepEqual(Object.keys(gardees(base)), [`cases:jeton:${MIDI}`]);
});

test('rien n’est gardé d’une page où rien n’a changé', async () => {
  const { base, cocher } = await ouvrir();
  await cocher(MIDI, true);
  assert.equal(base.lignes.size, 0);
});

test('un envoi porte une preuve ; la page qui la redit fait oublier ses cases', async () => {
  const base = new Base();
  const { cocher, envoyer } = await ouvrir({ base });
  await cocher(SOIR);
  const preuve = await envoyer();
  assert.ok(preuve);
  assert.deepEqual(gardees(base), { [`cases:jeton:${SOIR}`]: ['t', preuve] });

  await ouvrir({ base, recu: 'une autre', cochees: {} });
  assert.equal(base.lignes.size, 1);
  await ouvrir({ base, recu: preuve, cochees: {} });
  assert.equal(base.lignes.size, 0);
});

test('une case touchée pendant l’envoi n’est pas oubliée avec lui', async () => {
  const base = new Base();
  const { cocher, envoyer } = await ouvrir({ base });
  await cocher(SOIR);
  const preuve = await envoyer();
  await cocher(MIDI, false);
  await ouvrir({ base, recu: preuve, cochees: {} });
  assert.deepEqual(gardees(base), { [`cases:jeton:${MIDI}`]: ['', ''] });
});

test('un envoi retenu par la page ne porte pas de preuve', async () => {
  const { base, cocher, envoyer } = await ouvrir();
  await cocher(SOIR);
  assert.equal(await envoyer({ retenu: true }), '');
  assert.deepEqual(gardees(base), { [`cases:jeton:${SOIR}`]: ['t', ''] });
});

test('les cases d’un autre compte, ou d’une autre page, restent telles quelles', async () => {
  const base = new Base();
  const autre = await ouvrir({ base, jeton: 'autre' });
  await autre.cocher(SOIR);
  const ailleurs = await ouvrir({ base, cochees: { '3:2027-01-07:soir': false } });
  await ailleurs.cocher('3:2027-01-07:soir');
  const { cocher } = await ouvrir({ base });
  await cocher(MIDI, false);
  assert.deepEqual(Object.keys(gardees(base)).sort(), [
    `cases:autre:${SOIR}`,
    `cases:jeton:${MIDI}`,
    'cases:jeton:3:2027-01-07:soir',
  ]);
});

test('une page qui ne montre pas les cases qui attendent les dit, celle qui les montre se tait', async () => {
  const base = new Base();
  const { cocher } = await ouvrir({ base });
  await cocher(SOIR);
  await ouvrir({ base, cochees: {} });
  const [[quoi, { attendre }]] = globalThis.demandes;
  assert.deepEqual([quoi, attendre().map(([valeur]) => valeur)], ['reprendre', [SOIR]]);
});

test('se déconnecter demande d’abord quand des cases attendent, de qui que ce soit', async () => {
  const base = new Base();
  const { sortir } = await ouvrir({ base });
  assert.equal(await sortir(), false);
  const { cocher } = await ouvrir({ base, jeton: 'autre' });
  await cocher(SOIR);
  const ici = await ouvrir({ base });
  assert.equal(await ici.sortir(), true);
  const [, { miennes, toutes }] = globalThis.demandes.at(-1);
  assert.deepEqual([miennes, toutes], [[], [`cases:autre:${SOIR}`]]);

  ici.sortie.dataset.sur = '1';
  assert.equal(await ici.sortir(), false);
});

test('un appareil qui ne garde rien prévient', async () => {
  const base = new Base();
  base.refuse = true;
  await ouvrir({ base });
  assert.deepEqual(globalThis.demandes, [['prevenir']]);
});
