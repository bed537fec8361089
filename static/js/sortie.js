// Se déconnecter efface ce que l’appareil garde, et le demande d’abord (deconnexion.js). Ce fichier-ci écoute dès que
// la page est là : l’appareil peut mettre des secondes à lire ce qu’il garde.
const sortie = document.querySelector('form.sortie');
const suite = import('./deconnexion.js');

sortie?.addEventListener('submit', async evenement => {
  if (sortie.dataset.sur || evenement.defaultPrevented) return;
  evenement.preventDefault();
  try {
    await (await suite).sortir();
  } catch {
    sortie.dataset.sur = '1'; // le fichier n’est pas venu : le portail répond seul
    sortie.requestSubmit();
  }
});
