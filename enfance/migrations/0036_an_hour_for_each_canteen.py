import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enfance', '0035_several_schools'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reglagecantine',
            name='reglage_cantine_single',
        ),
        migrations.AddField(
            model_name='reglagecantine',
            name='ecole',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enfance.ecole', verbose_name='école'),
        ),
        migrations.AddConstraint(
            model_name='reglagecantine',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ecole', None), ('pk', 1)), models.Q(('ecole__isnull', False), ('pk', models.F('ecole') + 1)), _connector='OR'), name='reglage_cantine_single', violation_error_message='Il n’y a qu’un réglage.'),
        ),
    ]
