from django.db import migrations


def copy_from_letters(apps, schema_editor):
    """Limit the mandates made so far to the brands their letters name."""
    letters = apps.get_model('brands', 'LetterOfAuthorisation')
    mandates = apps.get_model('core', 'Mandate')
    for letter in letters.objects.exclude(mandate=None).exclude(brands=None).distinct():
        keys = sorted(letter.brands.values_list('pk', flat=True))
        mandates.objects.filter(pk=letter.mandate_id).update(brand_keys=keys)


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0006_catalogue_imports'),
        ('core', '0006_mandate_brands_and_skeletons'),
    ]

    operations = [
        migrations.RunPython(copy_from_letters, migrations.RunPython.noop),
    ]
