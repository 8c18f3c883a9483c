"""One index for each order the desk offers; built beside running reviews."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    TrigramExtension,
)
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False
    dependencies = [("pushes", "0005_desk_backfill")]

    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=models.Index(fields=['organisation', 'state', 'due_at', 'id'], name='link_by_due'),
        ),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=models.Index(fields=['organisation', 'state', '-score', '-id'], name='link_by_score'),
        ),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=models.Index(fields=['organisation', 'state', '-pushed_at', '-id'], name='link_by_push'),
        ),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=models.Index(fields=['brand', 'state', 'due_at', 'id'], name='link_of_brand_by_due'),
        ),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=models.Index(fields=['brand', 'state', '-score', '-id'], name='link_of_brand_by_score'),
        ),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=models.Index(fields=['brand', 'state', '-pushed_at', '-id'], name='link_of_brand_by_push'),
        ),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=django.contrib.postgres.indexes.GinIndex(fields=['signal_kinds'], name='link_signal_kinds'),
        ),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=django.contrib.postgres.indexes.GinIndex(fields=['text_bands'], name='link_text_bands'),
        ),
        AddIndexConcurrently(
            model_name='suspectedlink',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), name='gin_trgm_ops'), name='link_title_words'),
        ),
        RemoveIndexConcurrently(
            model_name='suspectedlink',
            name='link_inbox',
        ),
    ]
