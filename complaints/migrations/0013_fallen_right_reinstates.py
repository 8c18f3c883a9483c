"""Name a fallen right as the ground of a reinstatement; the column does not change."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0012_complaint_messages"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reinstatement",
            name="ground",
            field=models.CharField(
                choices=[
                    ("accepted", "Counter-notice accepted"),
                    ("term_over", "The term of the law is over"),
                    ("retracted", "The rights holder took the complaint back"),
                    ("corrected", "A blind re-review disagreed"),
                    ("no_right", "The right behind it fell"),
                ],
                max_length=9,
                verbose_name="ground",
            ),
        ),
    ]
