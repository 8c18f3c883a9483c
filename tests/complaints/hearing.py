"""A decided case and a seller who answers it."""

import io
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from complaints.models import (
    Complaint,
    CounterNotice,
    Decision,
    HearingClock,
    Reinstatement,
    StatementOfReasons,
)
from complaints.services import counter_notices, decisions, reinstatement
from complaints.services.counter_notice_input import Answer, Upload
from portal.core.actors import Actor, of_member
from portal.core.models import Organisation, Role, User
from tests.complaints.support import complainant_of, platform_admin
from tests.factories import (
    ComplaintFactory,
    InfringingLinkFactory,
    MarketplaceFactory,
    MemberFactory,
)

PAGE = CounterNotice.ReachedBy.PAGE
DAY = timedelta(days=1)
ADDRESS = {
    "name": "Zhang San",
    "address": "1 West Lake Road, Hangzhou",
    "phone": "+86 571 8502 2088",
    "email": "zhang.san@shop.example",
}


def picture() -> bytes:
    """A small PNG file."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def answer(**changes: Any) -> Answer:
    """What a seller says, correct unless changed."""
    words = "I bought these shoes from the brand's own shop and have the invoice."
    values: dict[str, Any] = {
        "reason": CounterNotice.Reason.FIRST_SALE,
        "explanation": words,
        **ADDRESS,
        "signature": "zhang  san",
        "declared": True,
    }
    return Answer(**(values | changes))


def established(
    now: datetime, *, jurisdiction: str = "CN", zone: str = "Asia/Shanghai", **link_values: Any
) -> Complaint:
    """A complaint that was established just now, with its order and strike."""
    link = InfringingLinkFactory(
        marketplace=MarketplaceFactory(jurisdiction=jurisdiction, zone=zone), **link_values
    )
    complaint = ComplaintFactory(
        link=link, filed_by=MemberFactory(organisation=link.organisation, role=Role.COMPLAINANT)
    )
    decisions.decide(
        actor=platform_admin(),
        complaint=complaint,
        outcome="established",
        code=Decision.Code.INFRINGEMENT_CLEAR,
        now=now,
    )
    return complaint


def statement_of(complaint: Complaint) -> StatementOfReasons:
    """The statement of a decided complaint."""
    return StatementOfReasons.objects.get(decision__complaint=complaint)


def submitted(
    complaint: Complaint, now: datetime, *, attempt: int = 1, **changes: Any
) -> CounterNotice:
    """A counter-notice, handed in and forwarded."""
    return counter_notices.submit(
        statement=statement_of(complaint),
        answer=answer(**changes),
        uploads=[Upload("invoice.png", picture())],
        attempt=attempt,
        language="en",
        now=now,
    )


def brand_of(complaint: Complaint) -> Actor:
    """A person of the rights holder who may answer."""
    return complainant_of(complaint)


def second_admin() -> Actor:
    """Another person who decides."""
    platform = Organisation.objects.get(kind=Organisation.Kind.PLATFORM)
    return of_member(MemberFactory(organisation=platform, role=Role.PLATFORM_ADMIN))


def reached(complaint: Complaint, now: datetime) -> CounterNotice:
    """A counter-notice that the rights holder opened."""
    made = submitted(complaint, now)
    counter_notices.note_reached(counter_notice=made, how=PAGE, actor=brand_of(complaint), now=now)
    return made


def clock_of(row: CounterNotice, kind: str) -> HearingClock:
    """The running or ended clock of a kind."""
    return row.clocks.get(kind=kind)


def user_of(actor: Actor) -> User:
    """The person behind an actor."""
    assert actor.member is not None
    return actor.member.user


def filer_of(complaint: Complaint) -> str:
    """The address of whoever filed."""
    assert complaint.filed_by is not None
    return complaint.filed_by.user.email


def accepted(row: CounterNotice, now: datetime) -> Reinstatement:
    """A counter-notice accepted by two persons."""
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=row, code="first_sale", now=now
    )
    reinstatement.confirm(actor=second_admin(), reinstatement=asked, now=now)
    return asked
