from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0013_fallen_right_reinstates'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='creditline',
            index=models.Index(fields=['account', 'kind', 'at'], name='credit_line_by_kind'),
        ),
    ]
