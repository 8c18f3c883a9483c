"""Brands, rights, product models, characteristics and authorised sellers of the demo."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import brands as brands_room
from brands.models import Brand, BrandName, ProductModel, Registration
from brands.policies import Credential
from brands.services import (
    characteristics,
    credential_audit,
    credential_life,
    product_models,
    register_import,
    registration,
    sellers,
)
from brands.services.characteristics import Declared
from brands.services.product_models import ProductFacts
from brands.services.registration import NewName
from brands.services.rights import (
    Document,
    LetterFacts,
    RegistrationFacts,
    submit_letter,
    submit_registration,
)
from complaints.demo.market import Market
from complaints.demo.people import Cast, Team
from portal.core.actors import Actor

# The one registration that is left for the auditor: of this brand, at this place in its list.
LEFT_TO_AUDIT = ("veltrano", 1)
AUDIT_TIME = timedelta(hours=2)
SAMPLE_SOURCE = "Invented register (simulated)"


def register_all(market: Market, cast: Cast, now: datetime) -> dict[str, Brand]:
    """Register every brand of the catalogue as of ``now``; return them by catalogue id."""
    brands = {}
    for facts in market.catalogue["brands"]:
        team = cast.brands[facts["organisation"]["key"]]
        brands[facts["id"]] = _register(market, cast, team, facts, now)
    _authorise_agent(market, cast, now)
    return brands


def submit_the_last(market: Market, cast: Cast, brands: dict[str, Brand], now: datetime) -> None:
    """Submit the registration which an auditor shall find waiting."""
    brand_id, place = LEFT_TO_AUDIT
    facts = next(item for item in market.catalogue["brands"] if item["id"] == brand_id)
    team = cast.brands[facts["organisation"]["key"]]
    _submit(market, team, brands[brand_id], facts["registrations"][place], now)


def _register(
    market: Market, cast: Cast, team: Team, facts: dict[str, Any], now: datetime
) -> Brand:
    owner = team.actor()
    brand = registration.register_brand(
        actor=owner,
        now=now,
        organisation=team.organisation,
        name=facts["name"],
        names=[NewName(text, language=_language(text)) for text in facts["aliases"]],
    )
    logo = market.picture(facts["logos"][0])
    registration.set_logo(actor=owner, now=now, brand=brand, content=logo)
    for place, right in enumerate(facts["registrations"]):
        if (facts["id"], place) != LEFT_TO_AUDIT:
            submitted = _submit(market, team, brand, right, now)
            _approve(submitted, cast.auditor, now)
    models = {
        item["id"]: _product_model(market, brand, item, owner, now)
        for item in facts["product_models"]
    }
    for item in facts["characteristics"]:
        characteristics.declare(
            actor=owner,
            now=now,
            brand=brand,
            declared=Declared(item["kind"], item["value"], item["weight"]),
            product_model=models.get(item["product_model"] or ""),
        )
    for shop in facts["authorised_sellers"]:
        sellers.authorise(
            actor=owner,
            now=now,
            brand=brand,
            external_id=shop["seller_id"],
            name=shop["name"],
            marketplace=cast.market,
        )
    return brand


def _submit(
    market: Market, team: Team, brand: Brand, right: dict[str, Any], now: datetime
) -> Registration:
    return submit_registration(
        actor=team.actor(),
        now=now,
        organisation=team.organisation,
        facts=RegistrationFacts(
            kind=right["kind"],
            jurisdiction=right["jurisdiction"],
            number=right["number"],
            owner_name=right["owner"],
            valid_from=date.fromisoformat(right["valid_from"]),
            valid_to=date.fromisoformat(right["valid_to"]),
            nice_classes=right["nice_classes"],
            mark_text=brand.name,
        ),
        brands=[brand],
        document=_document(market, right["certificate"]),
    )


def _approve(credential: Credential, auditor: Actor, now: datetime) -> None:
    credential_audit.take(actor=auditor, now=now + AUDIT_TIME / 2, credential=credential)
    names = BrandName.objects.none()
    if isinstance(credential, Registration):
        names = BrandName.objects.filter(brand__registrations=credential)
    credential_audit.approve(
        actor=auditor, now=now + AUDIT_TIME, credential=credential, names=names
    )


def _product_model(
    market: Market, brand: Brand, facts: dict[str, Any], owner: Actor, now: datetime
) -> ProductModel:
    model = product_models.register_product_model(
        actor=owner,
        now=now,
        brand=brand,
        facts=ProductFacts(
            name=facts["name"],
            model_number=facts["model_number"],
            aliases=facts["aliases"],
            gtin=facts["gtin"],
            category=facts["category"],
            list_price=facts["list_price"],
            lowest_price=facts["lowest_price"],
            currency=facts["currency"],
        ),
    )
    for path in facts["images"]:
        content = market.picture(path)
        product_models.add_image(actor=owner, now=now, product_model=model, content=content)
    return model


def _authorise_agent(market: Market, cast: Cast, now: datetime) -> None:
    """Let the agent's letters of authorisation be audited; approved, they are its mandates."""
    agent = market.catalogue["agent"]
    terms = agent["letter"]
    for key in agent["acts_for"]:
        letter = submit_letter(
            actor=cast.agent.actor(),
            now=now,
            agent=cast.agent.organisation,
            rights_holder=cast.brands[key].organisation,
            facts=LetterFacts(
                valid_from=date.fromisoformat(terms["valid_from"]),
                valid_to=date.fromisoformat(terms["valid_to"]),
            ),
            document=_document(market, terms["documents"][key]),
        )
        holder = cast.brands[key].actor()
        credential_life.confirm_letter(actor=holder, letter=letter, now=now)
        _approve(letter, cast.auditor, now)


def _document(market: Market, path: str) -> Document:
    return Document(market.picture(path), path.rsplit("/", maxsplit=1)[-1])


def _language(text: str) -> str:
    return "" if text.isascii() else "zh-hans"


def import_register(cast: Cast, now: datetime) -> None:
    """Import the invented register, so that an auditor sees what a comparison says."""
    sample = Path(brands_room.__file__ or "").parent / "data" / "register_sample.csv"
    register_import.import_register(
        actor=cast.auditor,
        now=now,
        content=sample.read_bytes(),
        name=sample.name,
        source=SAMPLE_SOURCE,
        is_sample=True,
    )
