"""Fill the desk's columns of links pushed before, some thousand at a time."""

from django.db import migrations
from django.db.models import F, Max

from pushes.services.near_text import bands_of

BATCH = 2000


def fill(apps, schema_editor):
    """Copy what the desk filters by out of each link's own snapshot and version."""
    links = apps.get_model("pushes", "SuspectedLink").objects
    last = links.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, BATCH):
        batch = list(
            links.filter(pk__gt=first, pk__lte=first + BATCH)
            .annotate(market=F("listing__marketplace_id"), shop=F("version__seller_id"))
            .defer("vector")
        )
        for link in batch:
            link.title = str(link.snapshot.get("title", ""))
            link.marketplace_id, link.seller_id = link.market, link.shop
            spoke = {s["kind"] for s in link.signals if s.get("contribution", 0) > 0}
            link.signal_kinds = sorted(spoke)
            link.text_bands = bands_of(link.title)
        fields = ["title", "marketplace", "seller", "signal_kinds", "text_bands"]
        links.bulk_update(batch, fields)


class Migration(migrations.Migration):

    # Each batch commits, so that reviewers wait for no more than one.
    atomic = False
    dependencies = [("pushes", "0004_desk")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
