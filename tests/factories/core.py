"""Organisations and people."""

import hashlib
from datetime import UTC, datetime

import factory

from portal.core.models import ApiKey, Marketplace, Member, Organisation, Role, StoredFile, User

MORNING = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A user who can sign in with the password ``correct horse``."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@example.test")
    name = factory.Sequence(lambda n: f"User {n}")

    @factory.post_generation
    def password(self, create: bool, extracted: str | None, **kwargs: object) -> None:
        self.set_password(extracted or "correct horse")
        self.save()


class OrganisationFactory(factory.django.DjangoModelFactory[Organisation]):
    """A Chinese rights holder."""

    class Meta:
        model = Organisation

    kind = Organisation.Kind.RIGHTS_HOLDER
    name = factory.Sequence(lambda n: f"Rights holder {n}")
    country = "CN"
    zone = "Asia/Shanghai"
    created_at = MORNING

    class Params:
        platform = factory.Trait(kind=Organisation.Kind.PLATFORM, name="Platform")
        agent = factory.Trait(
            kind=Organisation.Kind.AGENT, name=factory.Sequence(lambda n: f"Agent {n}")
        )
        association = factory.Trait(
            kind=Organisation.Kind.ASSOCIATION,
            name=factory.Sequence(lambda n: f"Association {n}"),
        )


class MemberFactory(factory.django.DjangoModelFactory[Member]):
    """An owner of a rights holder."""

    class Meta:
        model = Member

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.OWNER
    joined_at = MORNING

    class Params:
        platform_admin = factory.Trait(
            role=Role.PLATFORM_ADMIN,
            organisation=factory.SubFactory(OrganisationFactory, platform=True),
        )


class MarketplaceFactory(factory.django.DjangoModelFactory[Marketplace]):
    """A marketplace without an order address."""

    class Meta:
        model = Marketplace

    slug = factory.Sequence(lambda n: f"market-{n}")
    name = factory.Sequence(lambda n: f"Market {n}")
    jurisdiction = "CN"
    zone = "Asia/Shanghai"
    created_at = MORNING


class ApiKeyFactory(factory.django.DjangoModelFactory[ApiKey]):
    """A marketplace's key; its token is ``<prefix>.secret``."""

    class Meta:
        model = ApiKey

    marketplace = factory.SubFactory(MarketplaceFactory)
    name = "Feed"
    prefix = factory.Sequence(lambda n: f"{n:08x}")
    secret_hash = hashlib.sha256(b"secret").hexdigest()
    scopes = [ApiKey.Scope.LISTINGS_WRITE]
    created_at = MORNING


class StoredFileFactory(factory.django.DjangoModelFactory[StoredFile]):
    """A row without bytes behind it."""

    class Meta:
        model = StoredFile

    sha256 = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    media_type = "image/png"
    size = 10
    created_at = MORNING
