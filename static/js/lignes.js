// Les lignes de la feuille d’appel : ce que chacune montre d’un enfant, et ce qu’un geste y change.
import { direHeure } from './attente.js';
import { fermer, genreOuvert, lireQui, ouvrir } from './demandes.js';

const DOIGT = 600000; // en millisecondes : recoché plus tard, l’enfant est venu
export const formulaire = document.querySelector('[data-feuille]');
export const lignes = lireLignes(); // par enfant

function lireLignes() {
  const trouvees = {};
  for (const pointage of formulaire?.querySelectorAll('.pointage') ?? []) {
    const rangee = pointage.closest('tr');
    const [nom, note, retard] = ['b', '.note', '[data-retard]'].map(choix => rangee.querySelector(choix));
    trouvees[pointage.value] ??= { rangee, nom, note, retard };
    trouvees[pointage.value][pointage.name] = pointage; // « present » ou « parti »
  }
  return trouvees;
}

export const compter = () => formulaire.dispatchEvent(new Event('compte')); // les modules de la feuille recomptent
export function ecrire(note, texte = '') {
  note.hidden = !texte;
  note.textContent = texte;
}
// Un homonyme se dit avec sa classe.
export const nommer = enfant => lignes[enfant]?.rangee.dataset.dit ?? lignes[enfant]?.nom.textContent;
const estLa = ({ present, parti }) => present.checked !== parti.checked; // ou peut-être là, si une question attend
export function lireEncore() {
  const eux = Object.keys(lignes).filter(enfant => estLa(lignes[enfant]));
  return eux.map(enfant => ({ enfant, nom: nommer(enfant), doute: lignes[enfant].parti.checked }));
}
export const lireEtat = ({ present, parti, note, rangee, efface }) => ({
  present: present.checked,
  parti: parti.checked,
  depart: note.hidden ? '' : note.textContent,
  remis: rangee.dataset.remis ?? '',
  efface, // ce que recocher rendrait
});
export function poser(ligne, { present, parti, depart, remis }) {
  ligne.present.checked = present;
  ligne.parti.checked = parti;
  ligne.rangee.dataset.remis = remis ?? '';
  ecrire(ligne.note, depart);
  demanderArrivee(ligne);
}
// Parti sans être arrivé : la question reste jusqu’à sa réponse, et l’enfant compte parmi ceux qui sont encore là.
export function demanderArrivee(ligne) {
  const genre = ligne.parti.checked && !ligne.present.checked ? 'arrivee' : undefined;
  const ouvert = genreOuvert(ligne.rangee);
  if (genre && ouvert !== genre) ouvrir(genre, ligne.rangee, motsDe(ligne));
  if (!genre && (ouvert === 'arrivee' || (ouvert && ouvert !== 'personne' && !ligne.parti.checked))) {
    fermer(ligne.rangee);
  }
}
export const motsDe = ({ present, parti, note }) => ({
  valeur: present.value,
  heure: note.textContent,
  pointe: present.checked || parti.checked,
});

// Un geste, tel qu’il se voit, comme « rejouer » le compte : qui n’est pas là n’est pas parti ; qui n’est pas remis non
// plus ; effacés puis recochés aussitôt, l’arrivée et le départ reviennent.
export function cocher({ enfant, quoi, coche, a: instant, avant }) {
  const ligne = lignes[enfant];
  if (quoi === 'adultes') formulaire.dataset.adultes = coche;
  if (!ligne) return;
  const etat = lireEtat(ligne);
  const rien = !etat.present && !etat.parti;
  if (quoi === 'annule') {
    poser(ligne, JSON.parse(avant));
    ligne.efface = JSON.parse(avant).efface;
  } else if (quoi === 'remise') {
    if (etat.parti && coche.includes(':non_remis')) poser(ligne, { present: true });
    else ligne.rangee.dataset.remis = /^rien|:non_remis/.test(coche) ? '' : coche;
  } else if (coche) {
    const efface = ligne.efface; // « Présent » décoché d’un enfant parti : son état d’avant, et depuis quand
    const aussitot = efface && Date.parse(instant) - Date.parse(efface.le) <= DOIGT;
    const rend = quoi === 'parti' ? efface && (rien || aussitot) : rien && aussitot;
    ligne.efface = rien && efface && !rend ? { ...efface, le: instant } : undefined;
    const parti = { ...etat, parti: true, depart: etat.depart || direHeure(instant) };
    if (rend) poser(ligne, efface.etat);
    else poser(ligne, quoi === 'parti' ? parti : { ...etat, present: true });
  } else if (quoi === 'parti') poser(ligne, { ...etat, parti: false, depart: '' });
  else {
    if (etat.present && etat.parti) ligne.efface = { etat: { ...etat, remis: '' }, le: instant }; // à qui se redit
    poser(ligne, {});
  }
}
// « Anna DENIS, CM1 : partie à 17 h 12, remise à Mado Verne »
export function direLigne(ligne) {
  const { dit, e, attendus = [] } = lireQui(ligne.rangee);
  const { present, parti, depart, remis } = lireEtat(ligne);
  const [, nom] = attendus.find(([jeton]) => jeton === remis) ?? [];
  const depuis = depart ? ` à ${depart}` : '';
  const vers = nom ? `, remis${e} à ${nom}` : '';
  if (present && parti) return `${dit}\u00a0: parti${e}${depuis}${vers}`;
  if (parti) return `${dit}\u00a0: parti${e}${depuis} sans être arrivé${e}. Arrivée oubliée\u202f?`;
  return `${dit}\u00a0: ${present ? `présent${e}` : `pas pointé${e}`}`;
}
