"""Shapes that towns vote: caps, subscriptions, a first duration, a tolerance, residences of the town's own list.

The version before runs on it: what is new has a default or is empty, and the two residences that it knows keep their
codes. Back to it, a residence of the town's own is « à dire » again, what grids say of it goes with the lines beyond the
third rank, and what a cap took off a bill is said as a correction.
"""

import django.db.models.deletion
import django.db.models.lookups
import django.utils.timezone
import facturation.models.jours
import portail.signes
from django.conf import settings
from django.db import migrations, models

CONNUES = ['commune', 'hors']


def name_the_two_residences(apps, schema_editor):
    LieuResidence = apps.get_model('facturation', 'LieuResidence')
    LieuResidence.objects.create(code='commune', nom='Commune', defaut=True, ordre=1)
    LieuResidence.objects.create(code='hors', nom='Hors commune', ordre=2)


def keep_what_the_version_before_knows(apps, schema_editor):
    apps.get_model('facturation', 'Compte').objects.exclude(residence__in=['', *CONNUES]).update(residence='')
    Prestation = apps.get_model('facturation', 'Prestation')
    Prestation.objects.exclude(residence__in=['', *CONNUES]).update(residence='')
    Prestation.objects.filter(nature='plafond').update(nature='correction', plafond=None)
    LigneTarif = apps.get_model('facturation', 'LigneTarif')
    perdues = LigneTarif.objects.exclude(residence__in=CONNUES, rang__lte=3)
    Prestation.objects.filter(ligne__in=perdues.values('pk')).update(ligne=None)
    perdues.delete()
    Tarif = apps.get_model('facturation', 'Tarif')
    Tarif.objects.filter(unite='forfait').update(unite='mois', jours=None, prorata=False)
    if schema_editor.connection.vendor == 'postgresql':  # a table with rows to check still cannot be altered
        schema_editor.connection.check_constraints()


class Migration(migrations.Migration):

    dependencies = [
        ('enfance', '0050_name_lists_as_the_menu_does'),
        ('facturation', '0004_remind_of_no_sum_under_what_the_town_sets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LieuResidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=30, unique=True, verbose_name='code')),
                ('nom', models.CharField(max_length=60, unique=True, validators=[portail.signes.validate_nom], verbose_name='nom')),
                ('defaut', models.BooleanField(default=False, verbose_name='par défaut')),
                ('ordre', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                ('communes', models.TextField(blank=True, help_text='Une par ligne.', verbose_name='communes')),
            ],
            options={
                'verbose_name': 'résidence',
                'verbose_name_plural': 'résidences',
                'ordering': ['ordre', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='NombreEnfants',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nombre', models.PositiveSmallIntegerField(verbose_name='nombre d’enfants du foyer')),
                ('debut', models.DateField(verbose_name='compte à partir du')),
                ('saisi_le', models.DateTimeField(default=django.utils.timezone.now, verbose_name='saisi le')),
            ],
            options={
                'verbose_name': 'nombre d’enfants',
                'verbose_name_plural': 'nombres d’enfants',
                'ordering': ['compte', '-debut', '-saisi_le', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Plafond',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('montant', models.PositiveIntegerField(verbose_name='au plus, en centimes')),
                ('periode', models.CharField(choices=[('jour', 'par jour'), ('mois', 'par mois')], max_length=4, verbose_name='période')),
                ('porteur', models.CharField(choices=[('enfant', 'par enfant'), ('payeur', 'par payeur')], default='enfant', max_length=6, verbose_name='pour')),
                ('moment', models.CharField(blank=True, choices=[('matin', 'matin'), ('midi', 'midi, avec les repas de la cantine'), ('soir', 'soir'), ('journee', 'journée')], help_text='Ni créneau ni moment\xa0: tous.', max_length=10, verbose_name='moment')),
                ('supplements', models.BooleanField(default=False, verbose_name='les suppléments comptent dans le plafond')),
                ('voulu', models.BooleanField(default=False, verbose_name='sous le prix le plus cher d’une séance, et voulu')),
                ('debut', models.DateField(verbose_name='à partir du')),
                ('fin', models.DateField(blank=True, help_text='Vide\xa0: jusqu’au suivant.', null=True, verbose_name='jusqu’au')),
            ],
            options={
                'verbose_name': 'plafond',
                'verbose_name_plural': 'plafonds',
                'ordering': ['-debut', 'periode', 'pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='compte',
            name='compte_residence',
        ),
        migrations.RemoveConstraint(
            model_name='lignetarif',
            name='ligne_tarif_rang_et_residence',
        ),
        migrations.RemoveConstraint(
            model_name='prestation',
            name='prestation_unique',
        ),
        migrations.RemoveConstraint(
            model_name='prestation',
            name='prestation_montant',
        ),
        migrations.AddField(
            model_name='lignetarif',
            name='premiere',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='prix de la première durée, en centimes'),
        ),
        migrations.AddField(
            model_name='lignetarif',
            name='seance',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='prix d’un jour de plus, en centimes'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='axe',
            field=models.CharField(choices=[('rang', 'le rang de l’enfant'), ('enfants', 'le nombre d’enfants du foyer')], db_default='rang', default='rang', max_length=7, verbose_name='le prix dépend aussi de'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='jours',
            field=models.PositiveSmallIntegerField(blank=True, help_text='D’un abonnement\xa0: un jour de plus se paie à part.', null=True, verbose_name='jours par semaine'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='prorata',
            field=models.BooleanField(db_default=False, default=False, help_text='D’un abonnement\xa0; sinon le mois est dû entier.', verbose_name='un mois coupé par une fermeture se compte par jours'),
        ),
        migrations.AddField(
            model_name='tarif',
            name='tolerance',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='D’un prix à la durée commencée\xa0: elles n’en commencent pas une de plus.', verbose_name='minutes de tolérance'),
        ),
        migrations.AlterField(
            model_name='compte',
            name='residence',
            field=models.CharField(blank=True, default='', help_text='Le code d’une résidence.', max_length=30, verbose_name='résidence'),
        ),
        migrations.AlterField(
            model_name='lignetarif',
            name='rang',
            field=models.PositiveSmallIntegerField(verbose_name='rang de l’enfant, ou nombre d’enfants'),
        ),
        migrations.AlterField(
            model_name='lignetarif',
            name='residence',
            field=models.CharField(max_length=30, verbose_name='résidence'),
        ),
        migrations.AlterField(
            model_name='prestation',
            name='nature',
            field=models.CharField(choices=[('seance', 'séance'), ('forfait', 'mois'), ('retard', 'retard'), ('sans_inscription', 'présence sans inscription'), ('absence', 'absence non excusée'), ('plafond', 'plafond'), ('correction', 'correction'), ('report', 'report d’un autre payeur')], max_length=16, verbose_name='nature'),
        ),
        migrations.AlterField(
            model_name='prestation',
            name='residence',
            field=models.CharField(blank=True, max_length=30, verbose_name='résidence'),
        ),
        migrations.AlterField(
            model_name='tarif',
            name='minutes',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='minutes d’une durée'),
        ),
        migrations.AlterField(
            model_name='tarif',
            name='tranches_absent',
            field=models.PositiveSmallIntegerField(default=1, help_text='Seulement pour un prix à la durée commencée.', verbose_name='durées d’un inscrit qui n’est pas venu'),
        ),
        migrations.AlterField(
            model_name='tarif',
            name='unite',
            field=models.CharField(choices=[('seance', 'la séance'), ('tranche', 'la durée commencée'), ('mois', 'le mois'), ('forfait', 'l’abonnement au mois, de tant de jours par semaine')], max_length=8, verbose_name='unité'),
        ),
        migrations.AddConstraint(
            model_name='lignetarif',
            constraint=models.CheckConstraint(condition=models.Q(('rang__gte', 1), ('rang__lte', 12), models.Q(('residence', ''), _negated=True)), name='ligne_tarif_rang_et_residence', violation_error_message='Une ligne dit une résidence et un rang.'),
        ),
        migrations.AddConstraint(
            model_name='lignetarif',
            constraint=models.CheckConstraint(condition=models.Q(('premiere', None), ('prix__isnull', False), _connector='OR'), name='ligne_tarif_premiere', violation_error_message='Une première durée à son prix va avec un prix.'),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=models.CheckConstraint(condition=models.Q(('tolerance', 0), models.Q(('tolerance__lt', models.F('minutes')), ('unite', 'tranche')), _connector='OR'), name='tarif_tolerance', violation_error_message='Une tolérance est plus courte que la durée qui se compte.'),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('jours__gte', 1), ('jours__isnull', False), ('jours__lte', 6), ('unite', 'forfait')), models.Q(models.Q(('unite', 'forfait'), _negated=True), ('jours', None), ('prorata', False)), _connector='OR'), name='tarif_jours_d_un_abonnement', violation_error_message='Un abonnement, et lui seul, dit ses jours par semaine\xa0: de 1 à 6.'),
        ),
        migrations.AddConstraint(
            model_name='tarif',
            constraint=models.CheckConstraint(condition=models.Q(('axe', 'rang'), models.Q(('axe', 'enfants'), ('fratrie', False)), _connector='OR'), name='tarif_un_axe', violation_error_message='Un prix dépend du nombre d’enfants, ou se partage entre frères et sœurs.'),
        ),
        migrations.AlterConstraint(
            model_name='tarif',
            name='tarif_minutes_d_une_tranche',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('minutes__gte', 1), ('minutes__isnull', False), ('minutes__lte', 600), ('unite', 'tranche')), models.Q(models.Q(('unite', 'tranche'), _negated=True), ('minutes', None)), _connector='OR'), name='tarif_minutes_d_une_tranche', violation_error_message='Un prix à la durée commencée, et lui seul, dit ses minutes\xa0: de 1 à 600.'),
        ),
        migrations.AddConstraint(
            model_name='lieuresidence',
            constraint=models.UniqueConstraint(condition=models.Q(('defaut', True)), fields=('defaut',), name='lieu_residence_un_defaut', violation_error_message='Une seule résidence est celle par défaut.'),
        ),
        migrations.AddConstraint(
            model_name='lieuresidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('nom', ''), _negated=True)), name='lieu_residence_nomme', violation_error_message='Une résidence a un nom.'),
        ),
        migrations.AddField(
            model_name='nombreenfants',
            name='compte',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='nombres_enfants', to='facturation.compte', verbose_name='payeur'),
        ),
        migrations.AddField(
            model_name='nombreenfants',
            name='saisi_par',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par'),
        ),
        migrations.AddField(
            model_name='plafond',
            name='creneaux',
            field=models.ManyToManyField(blank=True, related_name='plafonds', to='enfance.creneau', verbose_name='créneaux'),
        ),
        migrations.AddField(
            model_name='plafond',
            name='deliberation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plafonds', to='facturation.deliberation', verbose_name='délibération'),
        ),
        migrations.AddField(
            model_name='prestation',
            name='plafond',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='prestations', to='facturation.plafond', verbose_name='plafond'),
        ),
        migrations.AddIndex(
            model_name='prestation',
            index=models.Index(condition=models.Q(('plafond', None), _negated=True), fields=['plafond'], name='prestation_d_un_plafond'),
        ),
        migrations.AddConstraint(
            model_name='prestation',
            constraint=models.UniqueConstraint(condition=models.Q(('nature__in', ['correction', 'report', 'forfait', 'plafond']), _negated=True), fields=('cle_enfant', 'jour', 'creneau', 'compte', 'nature'), name='prestation_unique', violation_error_message='Cette séance est déjà comptée.'),
        ),
        migrations.AddConstraint(
            model_name='prestation',
            constraint=models.UniqueConstraint(condition=models.Q(('nature', 'plafond')), fields=('cle_enfant', 'jour', 'creneau', 'compte', 'plafond', 'credit_impot'), name='prestation_plafond_unique', violation_error_message='Ce plafond est déjà compté.'),
        ),
        migrations.AddConstraint(
            model_name='prestation',
            constraint=models.CheckConstraint(condition=models.Q(('nature__in', ['correction', 'report']), models.Q(('entier__lt', 0), ('nature', 'plafond'), ('plafond__isnull', False)), models.Q(models.Q(('nature', 'plafond'), _negated=True), ('entier__gte', 0), ('montant__gte', 0), ('plafond', None)), _connector='OR'), name='prestation_montant', violation_error_message='Seuls une correction et un plafond rendent de l’argent.'),
        ),
        migrations.AddConstraint(
            model_name='nombreenfants',
            constraint=models.CheckConstraint(condition=models.Q(('nombre__gte', 1), ('nombre__lte', 20)), name='nombre_enfants_valeur', violation_error_message='Un foyer a de 1 à 20 enfants.'),
        ),
        migrations.AddConstraint(
            model_name='nombreenfants',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(facturation.models.jours.JourDuMois('debut'), 1), name='nombre_enfants_premier_du_mois', violation_error_message='Un nombre d’enfants compte à partir du premier d’un mois.'),
        ),
        migrations.AddConstraint(
            model_name='plafond',
            constraint=models.CheckConstraint(condition=models.Q(('periode', 'jour'), models.Q(django.db.models.lookups.Exact(facturation.models.jours.JourDuMois('debut'), 1), ('periode', 'mois')), _connector='OR'), name='plafond_premier_du_mois', violation_error_message='Un plafond par mois commence le premier d’un mois.'),
        ),
        migrations.AddConstraint(
            model_name='plafond',
            constraint=models.CheckConstraint(condition=models.Q(('fin', None), ('fin__gte', models.F('debut')), _connector='OR'), name='plafond_fin', violation_error_message='Un plafond finit après avoir commencé.'),
        ),
        migrations.RunPython(name_the_two_residences, keep_what_the_version_before_knows),
    ]
