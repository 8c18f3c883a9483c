"""What the desk filters links by, beside the snapshot; leases, notes, saved views, keys."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0004_vouched_brands'),
        ('core', '0003_journal_waiting'),
        ('pushes', '0003_revision_brand_and_seller'),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('link', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='claim', serialize=False, to='pushes.suspectedlink')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('until', models.DateTimeField(verbose_name='until')),
            ],
            options={
                'verbose_name': 'claim',
                'verbose_name_plural': 'claims',
            },
        ),
        migrations.CreateModel(
            name='DeskPreference',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='desk_preference', serialize=False, to='core.member')),
                ('keys', models.JSONField(default=dict, verbose_name='keys')),
                ('keys_on', models.BooleanField(default=True, verbose_name='single keys act')),
            ],
            options={
                'verbose_name': 'desk preference',
                'verbose_name_plural': 'desk preferences',
            },
        ),
        migrations.CreateModel(
            name='LinkNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', models.TextField(verbose_name='note')),
                ('at', models.DateTimeField(verbose_name='written')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('query', models.CharField(max_length=600, verbose_name='query')),
                ('created_at', models.DateTimeField(verbose_name='created')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
            },
        ),
        migrations.AddField(
            model_name='suspectedlink',
            name='marketplace',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.marketplace'),
        ),
        migrations.AddField(
            model_name='suspectedlink',
            name='seller',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='suspected_links', to='pushes.seller'),
        ),
        migrations.AddField(
            model_name='suspectedlink',
            name='signal_kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='suspectedlink',
            name='text_bands',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='suspectedlink',
            name='title',
            field=models.TextField(blank=True, default='', verbose_name='title'),
        ),
        migrations.AddField(
            model_name='claim',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.member'),
        ),
        migrations.AddField(
            model_name='linknote',
            name='link',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='pushes.suspectedlink'),
        ),
        migrations.AddField(
            model_name='linknote',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.member'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to='core.member'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.organisation'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(models.F('member'), models.F('organisation'), models.F('name'), name='saved_view_once'),
        ),
    ]
