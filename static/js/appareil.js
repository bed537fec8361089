// Ce qui est coché et pas encore enregistré reste sur l’appareil, sous un jeton du compte : des numéros, aucun nom,
// trente jours au plus. Une case n’est oubliée que quand le serveur a répondu de l’envoi qui l’emportait. reprise.js,
// demandé quand une case attend, la remet dans la grille. Sans ce fichier : rien n’est gardé, rien n’est promis.
import { garder, gardes, lister, neGardeRien, oublier, pret } from './garde.js';

const sortie = document.querySelector('[data-appareil]');
if (sortie) tenir();

function tenir() {
  const { appareil, recu } = sortie.dataset;
  const CLE = `cases:${appareil}:`;
  const formulaire = document.querySelector('[data-planning]');
  const zero = formulaire?.dataset.zero ?? '';
  const vues = new Map(); // chaque case, telle que la page l’a montrée en dernier
  let changees = []; // celles qui ne sont plus comme enregistrées, dit planning.js
  // `sinon` : le réseau est parti avant que ce fichier vienne.
  const demander = (quoi, suite, sinon = () => {}) =>
    import('./reprise.js').then(reprise => reprise[quoi](...suite), sinon);
  const tirer = () => Math.random().toString(36).slice(2);

  // Les cases du compte, par leur valeur : [le nom voulu, l’instant, la preuve de l’envoi]. Chacune a sa clé : deux
  // onglets partagent les mêmes.
  const lire = () => Object.fromEntries(lister(CLE).map(cle => [cle.slice(CLE.length), gardes.get(cle)]));
  async function changer(geste) {
    await pret;
    const avant = lire();
    const cases = { ...avant };
    geste(cases);
    const changees = Object.keys({ ...avant, ...cases }).filter(valeur => cases[valeur] !== avant[valeur]);
    if (!changees.length) return;
    const ecrit = await garder(changees.map(valeur => [CLE + valeur, cases[valeur]]));
    if (!ecrit && formulaire) demander('prevenir', []); // stockage refusé, ou plein
  }
  function retenir(cases, tuiles, preuve = '') {
    for (const tuile of tuiles) cases[tuile.value] = [tuile.checked ? tuile.name : '', Date.now(), preuve];
  }
  // Ce qui attend, hors de ce que la page montre déjà changé.
  function attendre() {
    const montrees = changees.map(tuile => tuile.value);
    return Object.entries(lire()).filter(([valeur]) => !montrees.includes(valeur));
  }
  // Tant que des cases attendent, la page ne dit pas que tout est enregistré.
  function dire(attend) {
    for (const phrase of document.querySelectorAll('[data-tout]')) phrase.hidden = attend;
    if (!formulaire) return;
    formulaire.dataset.zero = attend ? 'Des cases attendent, voir en haut' : zero;
    formulaire.dispatchEvent(new Event('redire'));
  }

  if (formulaire) {
    // Le bouton pris vient au premier geste : la page n’en a pas besoin avant, ni sans réseau.
    const prendre = () => import('./travail.js').catch(() => {});
    for (const geste of ['pointerdown', 'keydown']) addEventListener(geste, prendre, { once: true });
    for (const tuile of formulaire.querySelectorAll('.tuile')) vues.set(tuile, tuile.checked);
    formulaire.addEventListener('montre', ({ detail }) => {
      changees = detail;
      const touchees = [...vues.keys()].filter(tuile => vues.get(tuile) !== tuile.checked);
      if (!touchees.length) return;
      changer(cases => {
        for (const tuile of touchees) {
          vues.set(tuile, tuile.checked);
          delete cases[tuile.value];
        }
        retenir(
          cases,
          touchees.filter(tuile => changees.includes(tuile)),
        );
      });
    });
    // L’envoi porte un mot tiré au hasard, sa preuve : la page qui en répond le redit.
    formulaire.addEventListener('submit', evenement => {
      if (evenement.defaultPrevented) return; // rien ne part
      const preuve = tirer();
      formulaire.elements.preuve.value = preuve;
      changer(cases => retenir(cases, changees, preuve));
    });
  }
  // Se déconnecter efface tout : la page le demande d’abord.
  sortie.addEventListener('submit', evenement => {
    if (sortie.dataset.sur || !lister('cases:').length) return;
    evenement.preventDefault();
    demander('confirmer', [{ sortie, miennes: lister(CLE), toutes: lister('cases:'), oublier }], () => {
      sortie.dataset.sur = '1'; // sans question : les cases restent gardées, la page sans réseau dit quoi faire
      sortie.requestSubmit();
    });
  });

  async function commencer() {
    await pret;
    if (neGardeRien() && formulaire) demander('prevenir', []);
    await changer(cases => {
      for (const valeur in cases) if (recu && cases[valeur][2] === recu) delete cases[valeur];
    });
    formulaire?.dispatchEvent(new Event('redire')); // de quoi connaître celles qui sont changées
    if (!lister('cases:').length) return;
    dire(attendre().length > 0);
    demander('reprendre', [{ sortie, gardes, lister, oublier, attendre, changer, vues, dire }]);
  }
  commencer();
}
