"""Names and authorised sellers get ids that may be shown outside."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("brands", "0002_initial")]

    operations = [
        migrations.AddField(
            "brandname",
            "uuid",
            models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            "authorisedseller",
            "uuid",
            models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
