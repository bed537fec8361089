// Une fiche que l’appareil montre sans réseau : sa lecture, puis celle de la consigne, seront dites au portail.
import { ajouter, synchroniser } from './attente.js';

const fiche = document.querySelector('[data-fiche]');
const consigne = fiche.querySelector('[data-consigne]');
const [, jour, enfant] = /(\d{4}-\d\d-\d\d)\/enfants\/(\d+)\//.exec(location.pathname);
const demande = new URLSearchParams(location.search);
const creneau = demande.get('creneau') ?? '';

function noter(quoi) {
  ajouter({ feuille: `${jour}:${creneau}`, enfant, quoi }, 'lectures');
  synchroniser();
}

noter('fiche');
consigne?.addEventListener('toggle', () => noter('consigne'), { once: true });
if (consigne && demande.has('consigne')) consigne.open = true;
demande.delete('consigne');
if (creneau) fiche.querySelector('.tete a').search = demande;
