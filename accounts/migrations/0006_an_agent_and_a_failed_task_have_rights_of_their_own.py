import accounts.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_mail_many_accounts'),
        ('django_tasks_database', '0021_conditional_partial_index_ordering'),
    ]

    operations = [
        migrations.CreateModel(
            name='FailedTask',
            fields=[],
            options={
                'verbose_name': 'tâche échouée',
                'verbose_name_plural': 'tâches échouées',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('django_tasks_database.dbtaskresult',),
        ),
        migrations.CreateModel(
            name='StaffUser',
            fields=[],
            options={
                'verbose_name': 'compte d’agent',
                'verbose_name_plural': 'comptes d’agents',
                'ordering': ['last_name', 'first_name', 'pk'],
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.user',),
        ),
    ]
