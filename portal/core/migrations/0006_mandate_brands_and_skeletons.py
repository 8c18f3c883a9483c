import django.contrib.postgres.fields
from django.db import migrations, models

from portal.core.names import skeleton


def give_skeletons(apps, schema_editor):
    """Compute the skeletons; where two of a kind share one, the first keeps it."""
    organisations = apps.get_model('core', 'Organisation')
    seen = set()
    for organisation in organisations.objects.order_by('pk').iterator():
        key = (organisation.kind, skeleton(organisation.name)[:400])
        if key[1] and key not in seen:
            seen.add(key)
            organisations.objects.filter(pk=organisation.pk).update(name_skeleton=key[1])


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0005_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='mandate',
            name='brand_keys',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='brands'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='name_skeleton',
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=400, verbose_name='name as the eye keeps it'),
            preserve_default=False,
        ),
        migrations.RunPython(give_skeletons, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.UniqueConstraint(condition=models.Q(('name_skeleton', ''), _negated=True), fields=('name_skeleton', 'kind'), name='organisation_skeleton_once_a_kind'),
        ),
    ]
