"""Declared facts."""

from datetime import date
from decimal import Decimal

import factory

from brands.models import Brand, Characteristic, ProductModel, Registration
from tests.factories.core import MORNING, MemberFactory, OrganisationFactory, StoredFileFactory


class BrandFactory(factory.django.DjangoModelFactory[Brand]):
    """A brand without names but its own."""

    class Meta:
        model = Brand

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Velmora{n}")
    vouched = True  # its links are pushed without a registration
    created_at = MORNING


class ProductModelFactory(factory.django.DjangoModelFactory[ProductModel]):
    """A product model at 100 CNY."""

    class Meta:
        model = ProductModel

    brand = factory.SubFactory(BrandFactory)
    name = factory.Sequence(lambda n: f"Runner {n}")
    model_number = factory.Sequence(lambda n: f"VR-{n:04}")
    list_price = Decimal("100.00")
    lowest_price = Decimal("60.00")
    currency = "CNY"
    created_at = MORNING


class CharacteristicFactory(factory.django.DjangoModelFactory[Characteristic]):
    """A live keyword."""

    class Meta:
        model = Characteristic

    brand = factory.SubFactory(BrandFactory)
    kind = Characteristic.Kind.KEYWORD
    value = factory.Sequence(lambda n: f"keyword{n}")
    state = Characteristic.State.LIVE
    created_at = MORNING


class RegistrationFactory(factory.django.DjangoModelFactory[Registration]):
    """An approved Chinese trademark of class 25, valid 2020–2030."""

    class Meta:
        model = Registration
        skip_postgeneration_save = True

    organisation = factory.SubFactory(OrganisationFactory)
    document = factory.SubFactory(StoredFileFactory)
    document_name = "certificate.pdf"
    kind = Registration.Kind.TRADEMARK
    jurisdiction = "CN"
    number = factory.Sequence(lambda n: f"{n:08}")
    nice_classes = [25]
    owner_name = factory.LazyAttribute(lambda row: row.organisation.name)
    valid_from = date(2020, 1, 1)
    valid_to = date(2030, 12, 31)
    state = "approved"
    submitted_by = factory.SubFactory(
        MemberFactory, organisation=factory.SelfAttribute("..organisation")
    )
    created_at = MORNING

    @factory.post_generation
    def brands(self, create: bool, extracted: list[Brand] | None, **kwargs: object) -> None:
        if create and extracted:
            self.brands.set(extracted)
