"""What a page shows of a case that somebody has to decide: the listing, the signals, the right."""

from typing import Any

from complaints.models import Complaint
from pushes.web.evidence import pictures_of, segments
from pushes.web.labels import field_label, signal_label


def of(complaint: Complaint) -> dict[str, Any]:
    """Return the context of ``complaints/parts/case.html``."""
    link = complaint.link
    return {
        "complaint": complaint,
        "link": link,
        "snapshot": link.snapshot,
        "title": _marked(complaint, "title"),
        "description": _marked(complaint, "description"),
        "images": pictures_of(link),
        "signals": [
            {
                **signal,
                "label": signal_label(str(signal["kind"])),
                "field": field_label(str(signal["field"])),
            }
            for signal in link.signals
        ],
    }


def _marked(complaint: Complaint, field: str) -> Any:
    link = complaint.link
    return segments(str(link.snapshot.get(field) or ""), link.signals, field)
