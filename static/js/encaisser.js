// Le montant proposé est choisi en entier : ce que l’on tape le remplace, au lieu de s’y ajouter.
document.querySelector('#id_montant[autofocus]')?.select();
