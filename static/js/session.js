// Prévient cinq minutes avant la fin de la session, et la prolonge d’un bouton. Sans ce fichier, le serveur garde le formulaire envoyé trop tard.
const avis = document.querySelector('[data-session]');
const repos = +avis.dataset.session, avance = Math.min(300, repos / 2);
let t;
const armer = () => { clearTimeout(t); avis.hidden = true; t = setTimeout(() => { avis.hidden = false; }, (repos - avance) * 1000); };
avis.querySelector('form').addEventListener('submit', async e => {
  e.preventDefault();
  try {
    const r = await fetch(e.target.action, { method: 'POST', body: new FormData(e.target), redirect: 'manual' });
    if (r.ok) armer(); else avis.querySelector('p').textContent = avis.dataset.finie;
  } catch { avis.querySelector('p').textContent = avis.dataset.panne; }
});
if (repos <= 43200) armer();
// Ce qui vient d’être fait, ou ce qui est à corriger, se lit d’abord.
document.querySelector('[data-focus]')?.focus();
// Une page que le navigateur avait gardée en mémoire date : on la redemande, sauf une semaine type, où les choix attendent l’aperçu.
addEventListener('pageshow', e => { if (e.persisted && !document.querySelector('[data-planning]:not([autocomplete])')) location.reload(); });
