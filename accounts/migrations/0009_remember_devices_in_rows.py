import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_a_closed_account_begins_anew'),
    ]

    operations = [
        migrations.CreateModel(
            name='RememberedDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('known', 's’est déjà connecté'), ('second_factor', 'a donné le code d’un agent')], max_length=15, verbose_name='nature')),
                ('digest', models.CharField(editable=False, max_length=64, verbose_name='empreinte')),
                ('bound', models.CharField(editable=False, max_length=64, verbose_name='empreinte de ce qui ne doit pas changer')),
                ('since', models.DateTimeField(verbose_name='reconnu depuis le')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to=settings.AUTH_USER_MODEL, verbose_name='compte')),
            ],
            options={
                'verbose_name': 'appareil reconnu',
                'verbose_name_plural': 'appareils reconnus',
                'ordering': ['-since'],
                'constraints': [models.UniqueConstraint(fields=('digest',), name='remembered_device_once', violation_error_message='Cette valeur est déjà celle d’un appareil.')],
            },
        ),
    ]
