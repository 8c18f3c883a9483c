from django.db import migrations

from portal.core.names import skeleton


def give_skeletons(apps, schema_editor):
    """Compute the skeletons anew; where two of a kind share one, the first keeps it."""
    organisations = apps.get_model('core', 'Organisation')
    organisations.objects.update(name_skeleton='')
    seen = set()
    for organisation in organisations.objects.order_by('pk').iterator():
        key = (organisation.kind, skeleton(organisation.name)[:400])
        if key[1] and key not in seen:
            seen.add(key)
            organisations.objects.filter(pk=organisation.pk).update(name_skeleton=key[1])


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0006_mandate_brands_and_skeletons'),
    ]

    operations = [
        migrations.RunPython(give_skeletons, migrations.RunPython.noop),
    ]
