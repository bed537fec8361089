// Un téléphone partagé : ce qu’un collègue y a pointé et qui n’est pas parti attend son retour. L’appareil ne garde que
// le numéro du compte ; le prénom vient du serveur, à qui le demande connecté.
import { agent, demander, direHeure, direNombre, equipe } from './attente.js';
import { gardes, lister } from './garde.js';

function lireGestes() {
  const collegues = new Map();
  for (const cle of lister('pointages:')) {
    const [, compte] = cle.split(':');
    if (compte !== agent) collegues.set(compte, [...(collegues.get(compte) ?? []), gardes.get(cle)]);
  }
  return collegues;
}
async function demanderPrenoms(comptes, { feuille }) {
  const [jour, creneau] = feuille.split(':');
  try {
    return (await demander(`${equipe}${jour}/etat.json?creneau=${creneau}&agents=${comptes.join('+')}`)).agents;
  } catch {
    return {}; // sans réseau : un collègue
  }
}

// Par collègue : son prénom, les instants de ses gestes, et de quoi dire qu’ils attendent.
export async function lireCollegues() {
  const gestes = lireGestes();
  if (!gestes.size) return [];
  const [[premier]] = gestes.values(); // sa feuille, que l’agent voit peut-être aussi
  const prenoms = equipe ? await demanderPrenoms([...gestes.keys()], premier) : {};
  return [...gestes].map(([compte, siens]) => {
    const { prenom, de } = prenoms[compte] ?? { prenom: 'ce collègue', de: 'd’un collègue' };
    const attend = `${direNombre(siens.length)} ${de} ${siens.length > 1 ? 'attendent' : 'attend'} son retour`;
    return { prenom, de, attend, instants: siens.map(geste => geste.a).sort() };
  });
}

export async function direCollegues(formulaire) {
  const modele = formulaire.querySelector('[data-collegue]');
  for (const { prenom, de, attend, instants } of await lireCollegues()) {
    const [ils, sont, partiront, les] =
      instants.length > 1
        ? ['Ils', 'sont gardés', 'partiront', 'ni les lire ni les envoyer']
        : ['Il', 'est gardé', 'partira', 'ni le lire ni l’envoyer'];
    const avis = modele.cloneNode(true);
    avis.querySelector('h2').textContent = attend;
    avis.querySelector('p').textContent =
      `${ils} ${sont} sur ce téléphone depuis ${direHeure(instants[0])} et ${partiront} quand ${prenom} s’y ` +
      `reconnectera. Vous ne pouvez ${les}\u00a0: pointez ce que vous voyez, l’heure ${de} ne sera pas écrasée.`;
    modele.before(avis);
    avis.hidden = false;
  }
}
