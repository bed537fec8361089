// Prévient cinq minutes avant la fin de la session, et la prolonge d’un bouton.
// Sans ce fichier, le serveur garde le formulaire envoyé trop tard.
const DOUZE_HEURES = 43200; // en secondes, comme les deux durées qui suivent
const avis = document.querySelector('[data-session]');
const repos = Number(avis.dataset.session);
const avance = Math.min(300, repos / 2);
let attente;
let origine; // d’où l’on est venu au bouton

function armer() {
  clearTimeout(attente);
  avis.hidden = true;
  attente = setTimeout(
    () => {
      avis.hidden = false;
    },
    (repos - avance) * 1000,
  );
}

avis.addEventListener('focusin', ({ relatedTarget }) => {
  if (!avis.contains(relatedTarget)) origine = relatedTarget;
});
avis.querySelector('form').addEventListener('submit', async evenement => {
  const formulaire = evenement.target;
  const texte = avis.querySelector('p');
  evenement.preventDefault();
  try {
    const corps = new FormData(formulaire);
    const reponse = await fetch(formulaire.action, { method: 'POST', body: corps, redirect: 'manual' });
    if (reponse.ok) {
      armer();
      (origine?.isConnected ? origine : document.querySelector('main')).focus();
    } else texte.textContent = avis.dataset.finie;
  } catch {
    texte.textContent = avis.dataset.panne;
  }
});
if (repos <= DOUZE_HEURES) armer();

// Ce qui vient d’être fait, ou ce qui est à corriger, se lit d’abord.
document.querySelector('[data-focus]')?.focus();

// Une page que le navigateur avait gardée en mémoire date : on la redemande, sauf une semaine type, où les choix
// attendent l’aperçu.
addEventListener('pageshow', evenement => {
  const semaineType = document.querySelector('[data-planning]:not([autocomplete])');
  if (evenement.persisted && !semaineType) location.reload();
});
