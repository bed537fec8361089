import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enfance', '0013_a_rule_is_its_figures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='responsable',
            name='user',
            field=models.OneToOneField(limit_choices_to={'is_staff': False}, on_delete=django.db.models.deletion.PROTECT, related_name='responsable', to=settings.AUTH_USER_MODEL, verbose_name='compte'),
        ),
    ]
