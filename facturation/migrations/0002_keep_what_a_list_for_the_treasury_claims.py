from django.conf import settings
from django.db import migrations, models


def keep_the_first_list(apps, schema_editor):
    """The version before knows an invoice on one list at most: the later ones go, and it still claims nothing again."""
    Relance = apps.get_model('facturation', 'Relance')
    vues = set()
    for cle, facture in Relance.objects.filter(genre='tresorerie').order_by('faite_le', 'pk').values_list('pk', 'facture'):
        if facture in vues:
            Relance.objects.filter(pk=cle).delete()
        vues.add(facture)


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='relance',
            name='relance_unique',
        ),
        migrations.AddField(
            model_name='relance',
            name='montant',
            field=models.IntegerField(blank=True, null=True, verbose_name='réclamé, en centimes'),
        ),
        migrations.AddConstraint(
            model_name='relance',
            constraint=models.UniqueConstraint(condition=models.Q(('genre', 'tresorerie'), _negated=True), fields=('facture', 'genre'), name='relance_unique', violation_error_message='Ce rappel est déjà parti.'),
        ),
        migrations.AddConstraint(
            model_name='relance',
            constraint=models.CheckConstraint(condition=models.Q(('montant', None), models.Q(('genre', 'tresorerie'), models.Q(('montant', 0), _negated=True)), _connector='OR'), name='relance_montant', violation_error_message='Seule une liste pour la trésorerie réclame une somme.'),
        ),
        migrations.RunPython(migrations.RunPython.noop, keep_the_first_list),
    ]
