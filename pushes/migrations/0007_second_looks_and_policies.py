"""Second looks, review policies, capacity, conflicts of verdicts, assignees."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0004_vouched_brands'),
        ('core', '0003_journal_waiting'),
        ('pushes', '0006_desk_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='BrandCapacity',
            fields=[
                ('brand', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='review_capacity', serialize=False, to='brands.brand')),
                ('weekly', models.PositiveIntegerField(verbose_name='links a week')),
            ],
            options={
                'verbose_name': 'review capacity',
                'verbose_name_plural': 'review capacities',
            },
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('resolved', 'Resolved')], default='open', max_length=8, verbose_name='state')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved')),
            ],
            options={
                'verbose_name': 'conflict of verdicts',
                'verbose_name_plural': 'conflicts of verdicts',
            },
        ),
        migrations.CreateModel(
            name='ReviewPolicy',
            fields=[
                ('organisation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='review_policy', serialize=False, to='core.organisation')),
                ('on_silence', models.CharField(choices=[('lapsed', 'Missed: it stays open and can still be judged'), ('appraisal', 'Sent to appraisal'), ('genuine', 'Let pass, until the listing changes materially')], default='lapsed', max_length=10, verbose_name='what silence means')),
                ('round_robin', models.BooleanField(default=False, verbose_name='share new links among reviewers in turn')),
                ('second_look_share', models.FloatField(blank=True, null=True, verbose_name='share of second looks')),
                ('changed_at', models.DateTimeField(verbose_name='changed')),
            ],
            options={
                'verbose_name': 'review policy',
                'verbose_name_plural': 'review policies',
            },
        ),
        migrations.CreateModel(
            name='SecondLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('open', 'Waiting'), ('held', 'Can be undone'), ('agreed', 'Agreed'), ('disagreed', 'Disagreed'), ('dropped', 'Dropped')], default='open', max_length=9, verbose_name='state')),
                ('outcome', models.CharField(blank=True, choices=[('counterfeit', 'Counterfeit'), ('other_infringement', 'Other infringement'), ('genuine', 'Genuine'), ('authorised', 'Authorised seller'), ('appraisal', 'Cannot tell')], max_length=20, verbose_name='outcome')),
                ('right', models.CharField(blank=True, max_length=10, verbose_name='right infringed')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('given_at', models.DateTimeField(blank=True, null=True, verbose_name='given')),
                ('held_until', models.DateTimeField(blank=True, null=True, verbose_name='can be undone until')),
            ],
            options={
                'verbose_name': 'second look',
                'verbose_name_plural': 'second looks',
            },
        ),
        migrations.AddField(
            model_name='suspectedlink',
            name='assignee',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.member'),
        ),
        migrations.AlterField(
            model_name='feedbackfact',
            name='source',
            field=models.CharField(choices=[('verdict', 'Verdict'), ('established', 'Complaint established'), ('rejected', 'Complaint rejected'), ('overturned', 'Complaint overturned'), ('second_look', 'Second look')], max_length=12, verbose_name='source'),
        ),
        migrations.AlterField(
            model_name='suspectedlink',
            name='due_at',
            field=models.DateTimeField(blank=True, help_text='Empty while no clock runs.', null=True, verbose_name='due'),
        ),
        migrations.AlterField(
            model_name='suspectedlink',
            name='state',
            field=models.CharField(choices=[('pending', 'Waiting for a verdict'), ('overflow', 'Above the weekly capacity'), ('counterfeit', 'Counterfeit'), ('other_infringement', 'Other infringement'), ('genuine', 'Genuine'), ('authorised', 'Authorised seller'), ('appraisal', 'In appraisal'), ('lapsed', 'Deadline missed'), ('gone', 'Listing gone')], default='pending', max_length=20, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='suspectedlink',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__isnull', False), ('state__in', ['overflow', 'gone']), _connector='OR'), name='link_clock_runs'),
        ),
        migrations.AddField(
            model_name='conflict',
            name='fine',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pushes.suspectedlink'),
        ),
        migrations.AddField(
            model_name='conflict',
            name='infringing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pushes.suspectedlink'),
        ),
        migrations.AddField(
            model_name='conflict',
            name='listing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='pushes.listing'),
        ),
        migrations.AddField(
            model_name='conflict',
            name='resolved_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.member'),
        ),
        migrations.AddField(
            model_name='reviewpolicy',
            name='changed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.member'),
        ),
        migrations.AddField(
            model_name='secondlook',
            name='first',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='second_look', to='pushes.verdict'),
        ),
        migrations.AddField(
            model_name='secondlook',
            name='link',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='second_looks', to='pushes.suspectedlink'),
        ),
        migrations.AddField(
            model_name='secondlook',
            name='reviewer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.member'),
        ),
        migrations.AddConstraint(
            model_name='conflict',
            constraint=models.UniqueConstraint(models.F('listing'), condition=models.Q(('state', 'open')), name='conflict_one_open_a_listing'),
        ),
        migrations.AddConstraint(
            model_name='reviewpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('second_look_share', None), models.Q(('second_look_share__gte', 0), ('second_look_share__lte', 1)), _connector='OR'), name='review_policy_share'),
        ),
        migrations.AddIndex(
            model_name='secondlook',
            index=models.Index(condition=models.Q(('state__in', ['open', 'held'])), fields=['reviewer', 'link'], name='second_look_open'),
        ),
        migrations.AddConstraint(
            model_name='secondlook',
            constraint=models.UniqueConstraint(models.F('link'), condition=models.Q(('state__in', ['open', 'held'])), name='second_look_one_open_a_link'),
        ),
    ]
