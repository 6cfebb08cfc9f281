"""What programs that call us need: keys, their calls, kept answers, and what they are collecting; when places change."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

from linesheet.sync import place_versions


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0005_versions'),
        ('sync', '0006_moved_at'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('prefix', models.CharField(max_length=11)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('addresses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('last_address', models.CharField(blank=True, max_length=45)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('window_from', models.DateTimeField(blank=True, null=True)),
                ('window_calls', models.PositiveIntegerField(default=0)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='books.company')),
                ('connection', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='sync.connection')),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='books.member')),
            ],
            options={
                'ordering': ['-id'],
                'abstract': False,
                'base_manager_name': 'everywhere',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_prefix', models.CharField(max_length=11)),
                ('method', models.CharField(max_length=10)),
                ('route', models.CharField(max_length=200)),
                ('path', models.TextField()),
                ('status', models.PositiveSmallIntegerField()),
                ('refused', models.CharField(blank=True, max_length=60)),
                ('says', models.TextField(blank=True)),
                ('request_id', models.CharField(max_length=64)),
                ('address', models.CharField(max_length=45)),
                ('at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('milliseconds', models.PositiveIntegerField(default=0)),
                ('calls', models.PositiveIntegerField(default=1)),
                ('records', models.PositiveIntegerField(blank=True, null=True)),
                ('request_body', models.TextField(blank=True)),
                ('response_body', models.TextField(blank=True)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='books.company')),
                ('connection', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='api_calls', to='sync.connection')),
                ('member', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='books.member')),
                ('key', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calls', to='sync.apikey')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'abstract': False,
                'base_manager_name': 'everywhere',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Collect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=40)),
                ('resource', models.CharField(max_length=60)),
                ('filters', models.JSONField(default=dict)),
                ('as_of', models.DateTimeField()),
                ('ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='books.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=255)),
                ('asked', models.CharField(max_length=64)),
                ('turn', models.UUIDField()),
                ('lease_until', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('body', models.JSONField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='books.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('connection', None), ('member__isnull', False)), models.Q(('connection__isnull', False), ('member', None)), _connector='OR'), name='api_key_of_one'),
        ),
        migrations.AddIndex(
            model_name='apicall',
            index=models.Index(fields=['company', '-at', '-id'], name='api_call_latest'),
        ),
        migrations.AddIndex(
            model_name='apicall',
            index=models.Index(fields=['connection', '-at', '-id'], name='api_call_of_connection'),
        ),
        migrations.AddIndex(
            model_name='apicall',
            index=models.Index(condition=models.Q(('records__isnull', False)), fields=['key', 'route', '-id'], name='api_call_collects'),
        ),
        migrations.AddIndex(
            model_name='apicall',
            index=models.Index(fields=['at'], name='api_call_age'),
        ),
        migrations.AddIndex(
            model_name='collect',
            index=models.Index(fields=['created_at'], name='collect_age'),
        ),
        migrations.AddIndex(
            model_name='keptanswer',
            index=models.Index(fields=['expires_at'], name='kept_answer_age'),
        ),
        migrations.AddConstraint(
            model_name='keptanswer',
            constraint=models.UniqueConstraint(models.F('company'), models.F('owner'), models.F('key'), name='answered_once'),
        ),
        migrations.RunSQL(place_versions.TRIGGERS, place_versions.TRIGGERS_UNDONE),
    ]
