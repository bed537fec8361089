"""Seals of receipts and versements, the act of the régie, who is named. The version before runs on it: what it writes
without a seal is sealed the first night.
"""

import django.core.validators
import django.db.models.deletion
import portail.signes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facturation', '0005_let_a_town_vote_other_shapes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Regie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('acte', models.CharField(max_length=120, validators=[portail.signes.validate_ligne], verbose_name='acte qui a créé la régie')),
                ('acte_du', models.DateField(verbose_name='du')),
                ('avances', models.BooleanField(default=False, verbose_name='régie d’avances')),
                ('plafond_especes', models.PositiveIntegerField(blank=True, null=True, verbose_name='au plus en caisse, en centimes')),
                ('frequence', models.PositiveSmallIntegerField(db_default=31, default=31, validators=[django.core.validators.MinValueValidator(1)], verbose_name='un versement au moins tous les… jours')),
            ],
            options={
                'verbose_name': 'régie',
                'verbose_name_plural': 'régies',
            },
        ),
        migrations.AddField(
            model_name='encaissement',
            name='empreinte',
            field=models.CharField(blank=True, db_default='', default='', max_length=64, verbose_name='sceau'),
        ),
        migrations.AddField(
            model_name='encaissement',
            name='scelle_le',
            field=models.DateTimeField(blank=True, null=True, verbose_name='scellé le'),
        ),
        migrations.AddField(
            model_name='encaissement',
            name='signe',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, verbose_name='qui a signé'),
        ),
        migrations.AddField(
            model_name='versement',
            name='empreinte',
            field=models.CharField(blank=True, db_default='', default='', max_length=64, verbose_name='sceau'),
        ),
        migrations.AddField(
            model_name='versement',
            name='scelle_le',
            field=models.DateTimeField(blank=True, null=True, verbose_name='scellé le'),
        ),
        migrations.AddField(
            model_name='versement',
            name='signe',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, verbose_name='qui a signé'),
        ),
        migrations.CreateModel(
            name='Nomination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nom', models.CharField(max_length=80, validators=[portail.signes.validate_nom], verbose_name='nom')),
                ('fonction', models.CharField(choices=[('titulaire', 'régisseur ou régisseuse titulaire'), ('suppleant', 'mandataire suppléant ou suppléante'), ('mandataire', 'mandataire, qui peut recevoir')], max_length=10, verbose_name='fonction')),
                ('debut', models.DateField(verbose_name='du')),
                ('fin', models.DateField(blank=True, help_text='Vide\xa0: toujours en fonction.', null=True, verbose_name='au')),
                ('compte', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='compte')),
            ],
            options={
                'verbose_name': 'nomination',
                'verbose_name_plural': 'nominations',
                'ordering': ['-debut', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('fin', None), ('fin__gte', models.F('debut')), _connector='OR'), name='nomination_fin', violation_error_message='Une nomination finit après avoir commencé.')],
            },
        ),
    ]
