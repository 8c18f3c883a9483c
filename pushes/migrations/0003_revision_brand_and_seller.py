import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("brands", "0001_initial"), ("pushes", "0002_append_only")]
    operations = [
        migrations.AddField(
            model_name="registryrevision",
            name="brand",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="brands.brand",
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="authorises_seller",
            field=models.BooleanField(
                default=False, verbose_name="adds the seller to the authorised sellers"
            ),
        ),
    ]
