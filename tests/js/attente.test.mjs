// La file des gestes de l’équipe (attente.js) : chacun part une fois, dans l’ordre, et n’est oublié qu’une fois répondu.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Base, calme, ouvrirPage } from './page.mjs';

const SOIR = '2026-12-10:soir';
const MIDI = '2026-12-10:midi';
const SANS_RESEAU = () => {
  throw new TypeError('Failed to fetch');
};
const json = (valeur, status = 200) => ({ status, json: async () => valeur });
// Le serveur qui prend tout.
const prendreTout = () => json({ refus: [], avis: [], etat: {} });

async function ouvrir({ agent = '12', repondre = prendreTout, ...options } = {}) {
  const reseau = { repondre };
  const sortie = { dataset: { agent, equipe: '/equipe/' }, elements: { csrfmiddlewaretoken: { value: 'jeton' } } };
  const page = ouvrirPage({ ...options, elements: { 'form.sortie': sortie }, repondre: envoi => reseau.repondre(envoi) });
  const attente = await page.prendre('attente.js');
  await calme();
  page.envois.length = 0;
  const dits = [];
  const feuille = {
    nommer: enfant => ({ 7: 'Léa Morel' })[enfant],
    recevoir: (nom, etat) => dits.push(['recu', nom, etat]),
    finir: phrases => dits.push(['fini', phrases]),
    echouer: raison => dits.push(['echec', raison]),
    actualiser: () => dits.push(['actualise']),
  };
  attente.suivre(feuille);
  return { ...page, ...attente, reseau, dits };
}
const geste = (enfant, feuille = SOIR, quoi = 'present') => ({ feuille, enfant, quoi, coche: 1 });
const idsDe = envoi => envoi.corps.getAll('id');
const enfantsDe = gestes => gestes.map(({ enfant }) => enfant);

test('un geste part avec son heure, celle de l’envoi et le jeton de la page', async () => {
  const { ajouter, synchroniser, envois } = await ouvrir();
  const { id, a } = ajouter(geste(7));
  await synchroniser();
  const [{ adresse, corps }] = envois;
  assert.equal(adresse, '/equipe/2026-12-10/pointage/');
  assert.ok(corps.get('envoye') >= a);
  corps.delete('envoye');
  assert.deepEqual(Object.fromEntries(corps), {
    creneau: 'soir',
    csrfmiddlewaretoken: 'jeton',
    feuille: SOIR,
    enfant: '7',
    quoi: 'present',
    coche: '1',
    id,
    a,
  });
});

test('un geste répondu n’attend plus, sur le disque non plus', async () => {
  const { ajouter, synchroniser, enAttente, base, dits } = await ouvrir();
  ajouter(geste(7));
  await synchroniser();
  assert.deepEqual([enAttente(), [...base.lignes.keys()], dits], [[], [], [['recu', SOIR, {}], ['fini', '']]]);
});

test('sans réseau tout attend, dans l’ordre, et le prochain envoi emporte tout', async () => {
  const { ajouter, synchroniser, enAttente, envois, reseau, dits } = await ouvrir({ repondre: SANS_RESEAU });
  for (const enfant of [3, 1, 2]) {
    ajouter(geste(enfant));
    await calme(); // l’heure avance
  }
  await synchroniser();
  assert.deepEqual([enfantsDe(enAttente()), dits[0][0]], [[3, 1, 2], 'echec']);

  reseau.repondre = prendreTout;
  await synchroniser();
  assert.deepEqual(envois.at(-1).corps.getAll('enfant'), ['3', '1', '2']);
  assert.deepEqual(enAttente(), []);
});

test('deux feuilles sont deux envois, et celui qui échoue garde les siens', async () => {
  const { ajouter, synchroniser, enAttente, envois, reseau } = await ouvrir();
  ajouter(geste(1, MIDI));
  await calme();
  ajouter(geste(1, SOIR));
  await calme();
  ajouter(geste(2, MIDI));
  reseau.repondre = ({ corps }) => (corps.get('creneau') === 'midi' ? prendreTout() : SANS_RESEAU());
  await synchroniser();
  assert.deepEqual(envois.map(({ corps }) => [corps.get('creneau'), corps.getAll('enfant')]), [
    ['midi', ['1', '2']],
    ['soir', ['1']],
  ]);
  assert.deepEqual(enAttente().map(({ feuille }) => feuille), [SOIR]);
});

test('cent gestes au plus par envoi', async () => {
  const { ajouter, synchroniser, envois } = await ouvrir();
  for (let enfant = 0; enfant < 101; enfant += 1) ajouter(geste(enfant));
  await synchroniser();
  assert.deepEqual(envois.map(envoi => idsDe(envoi).length), [100, 1]);
});

test('un geste fait pendant un envoi part avec le suivant, une fois', async () => {
  const { ajouter, synchroniser, envois, reseau } = await ouvrir();
  let suite;
  reseau.repondre = envoi => {
    if (envois.length === 1) {
      ajouter(geste(2));
      suite = synchroniser();
      synchroniser();
    }
    return prendreTout(envoi);
  };
  ajouter(geste(1));
  await synchroniser();
  await suite;
  assert.deepEqual(envois.map(({ corps }) => corps.getAll('enfant')), [['1'], ['2']]);
});

test('la file d’un collègue reste la sienne', async () => {
  const base = new Base();
  const hier = await ouvrir({ agent: '1', base, repondre: SANS_RESEAU });
  hier.ajouter(geste(7));
  await calme();
  const { synchroniser, enAttente, envois } = await ouvrir({ agent: '12', base });
  await synchroniser();
  assert.deepEqual([enAttente(), envois, base.lignes.size], [[], [], 1]);
  assert.equal((await ouvrir({ agent: '1', base, repondre: SANS_RESEAU })).enAttente().length, 1);
});

test('un refus dit de quel enfant, deux refus pareils se disent une fois, et se lit encore à la page d’après', async () => {
  const base = new Base();
  const repondre = ({ corps }) =>
    json({ refus: corps.getAll('id').map(id => ({ id, phrase: 'L’appel est terminé.' })), avis: ['Heure fausse.'], etat: {} });
  const { ajouter, synchroniser, dits } = await ouvrir({ base, repondre });
  ajouter(geste(7));
  ajouter(geste(7, SOIR, 'parti'));
  ajouter(geste(8));
  await synchroniser();
  const phrases = 'Léa Morel\u00a0: L’appel est terminé. L’appel est terminé. Heure fausse.';
  assert.deepEqual(dits.at(-1), ['fini', phrases]);
  assert.deepEqual((await ouvrir({ base })).dits, [['fini', phrases]]);
});

test('une réponse qui n’est pas du portail ne fait rien oublier', async () => {
  for (const reponse of [{ status: 502 }, { status: 404 }, { type: 'opaqueredirect', status: 0 }, { status: 403 }]) {
    const { ajouter, synchroniser, enAttente, cachesOublies } = await ouvrir({ repondre: () => reponse });
    ajouter(geste(7));
    await synchroniser();
    assert.equal(enAttente().length, 1);
    const dehors = reponse.status === 0 || reponse.status === 403;
    assert.deepEqual(cachesOublies, dehors ? ['feuilles', 'feuilles'].slice(-cachesOublies.length) : []);
    assert.equal(cachesOublies.length > 0, dehors);
  }
});

test('une fiche lue sans réseau part après les gestes, à son adresse', async () => {
  const { ajouter, synchroniser, enAttente, envois } = await ouvrir();
  ajouter({ feuille: SOIR, enfant: 7, quoi: 'fiche' }, 'lectures');
  ajouter(geste(7));
  await synchroniser();
  assert.deepEqual(envois.map(({ adresse }) => adresse.split('/')[3]), ['pointage', 'lectures']);
  assert.deepEqual(enAttente('lectures'), []);
});

test('un appareil qui ne garde rien le dit, et envoie', async () => {
  const base = new Base();
  base.refuse = true;
  const { ajouter, synchroniser, direGarde, enAttente, estEcrit, envois } = await ouvrir({ base });
  const fait = ajouter(geste(7));
  assert.match(direGarde(1), /ne fermez pas cette page/);
  assert.equal(estEcrit(fait), false);
  await synchroniser();
  assert.deepEqual([envois.length, enAttente()], [1, []]);
});

test('une page cachée ne demande rien, une page vue envoie ce qui attend', async () => {
  const { ajouter, rythmes, envois, document } = await ouvrir();
  ajouter(geste(7));
  document.hidden = true;
  rythmes.forEach(battre => battre());
  await calme();
  assert.equal(envois.length, 0);

  document.hidden = false;
  rythmes.forEach(battre => battre());
  await calme();
  assert.equal(envois.length, 1);
});

test('le nombre, le pluriel et l’heure se disent', async () => {
  const { direNombre, direGarde, direHeure } = await ouvrir();
  assert.deepEqual([direNombre(1), direNombre(2)], ['1\u00a0pointage', '2\u00a0pointages']);
  assert.match(direGarde(1), /^Gardé sur cet appareil, envoyé dès/);
  assert.match(direGarde(2), /^Gardés sur cet appareil, envoyés dès/);
  assert.equal(direHeure(new Date(2026, 11, 10, 7, 5)), '7\u00a0h\u00a005');
});
