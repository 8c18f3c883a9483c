"""Finds what waits for one reviewer; built beside running reviews."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("pushes", "0007_second_looks_and_policies")]

    operations = [
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['organisation', 'assignee'], name='link_assigned'),
        ),
    ]
