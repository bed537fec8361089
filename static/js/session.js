// Prévient cinq minutes avant la fin de la session : après un temps sans rien faire, qu’un bouton prolonge, ou au
// bout de sa vie, qu’un mot de passe redonné dans un autre onglet prolonge. Sans ce fichier, le serveur garde le
// formulaire envoyé trop tard.
const DOUZE_HEURES = 43200; // en secondes, comme les durées qui suivent
const avis = document.querySelector('[data-session]');
const [repos, vie, depuis, instant] = ['session', 'vie', 'depuis', 'instant'].map(nom => Number(avis.dataset[nom]));
const [texte, derniere] = avis.querySelectorAll('p');
const habituel = texte.textContent;
let mort = vie ? maintenant() + (vie - (instant - depuis)) : Infinity;
let attente;
let origine; // d’où l’on est venu au bouton

function maintenant() {
  return Date.now() / 1000;
}

function armer() {
  const fin = mort - maintenant();
  const reste = Math.min(repos, fin);
  clearTimeout(attente);
  avis.hidden = true;
  if (reste > DOUZE_HEURES) return;
  texte.textContent = habituel;
  texte.hidden = fin <= repos;
  derniere.hidden = !texte.hidden;
  attente = setTimeout(
    () => {
      avis.hidden = false;
    },
    Math.max(0, reste - Math.min(300, repos / 2)) * 1000,
  );
}

function dire(phrase) {
  texte.textContent = phrase;
  texte.hidden = false;
}

avis.addEventListener('focusin', ({ relatedTarget }) => {
  if (!avis.contains(relatedTarget)) origine = relatedTarget;
});
avis.querySelector('form').addEventListener('submit', async evenement => {
  const formulaire = evenement.target;
  evenement.preventDefault();
  try {
    const corps = new FormData(formulaire);
    const reponse = await fetch(formulaire.action, { method: 'POST', body: corps, redirect: 'manual' });
    if (!reponse.ok) return dire(avis.dataset.finie);
    mort = maintenant() + Number(reponse.headers.get('Session-Left'));
    armer();
    (origine?.isConnected ? origine : document.querySelector('main')).focus();
  } catch {
    dire(avis.dataset.panne);
  }
});
armer();

// Ce qui vient d’être fait, ou ce qui est à corriger, se lit d’abord.
document.querySelector('[data-focus]')?.focus();

// Une page que le navigateur avait gardée en mémoire date : on la redemande, sauf une semaine type, où les choix
// attendent l’aperçu.
addEventListener('pageshow', evenement => {
  const semaineType = document.querySelector('[data-planning]:not([autocomplete])');
  if (evenement.persisted && !semaineType) location.reload();
});
