"""Links ready to be complained about, and complaints."""

from datetime import timedelta

import factory

from complaints.models import Complaint
from portal.core.models import Marketplace
from pushes.models import SuspectedLink
from tests.factories.brands import RegistrationFactory
from tests.factories.core import MORNING
from tests.factories.pushes import ListingFactory, ListingVersionFactory, SuspectedLinkFactory


class InfringingLinkFactory(SuspectedLinkFactory):
    """A link judged counterfeit, whose brand has an approved trademark in China.

    ``registered=False`` leaves the brand without a right; ``marketplace`` places the listing.
    """

    class Meta:
        model = SuspectedLink
        skip_postgeneration_save = True

    class Params:
        marketplace: Marketplace | None = None

    version = factory.Maybe(
        "marketplace",
        yes_declaration=factory.SubFactory(
            ListingVersionFactory,
            listing=factory.SubFactory(
                ListingFactory, marketplace=factory.SelfAttribute("...marketplace")
            ),
        ),
        no_declaration=factory.SubFactory(ListingVersionFactory),
    )
    state = SuspectedLink.State.COUNTERFEIT
    judged_at = MORNING

    @factory.post_generation
    def registered(self, create: bool, extracted: bool | None, **kwargs: object) -> None:
        if create and extracted is not False and not self.brand.registrations.exists():
            RegistrationFactory(organisation=self.organisation, brands=[self.brand])


class ComplaintFactory(factory.django.DjangoModelFactory[Complaint]):
    """A filed complaint with a short notice."""

    class Meta:
        model = Complaint

    link = factory.SubFactory(InfringingLinkFactory)
    organisation = factory.SelfAttribute("link.organisation")
    registration = factory.LazyAttribute(lambda row: row.link.brand.registrations.get())
    reason = Complaint.Reason.COUNTERFEIT
    notice = {"version": 1}
    notice_hash = "0" * 64
    state = Complaint.State.FILED
    created_at = MORNING
    held_until = MORNING + timedelta(seconds=8)
    filed_at = MORNING + timedelta(seconds=8)
