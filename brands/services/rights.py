"""Registrations and letters of authorisation: submitted with their document, then audited."""

import unicodedata
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from brands.codes import JURISDICTIONS
from brands.models import Brand, LetterOfAuthorisation, Registration
from brands.models.right import CredentialState
from brands.policies import may_submit_letter, may_submit_registration
from brands.reading.comparing import number_key
from brands.services import pictures
from brands.services.cleaning import Problems, refusing
from portal.core import names, states
from portal.core.actors import Actor
from portal.core.models import Mandate, Member, Organisation

HIGHEST_NICE_CLASS = 45
_ENDED = (CredentialState.REJECTED, CredentialState.REVOKED, CredentialState.EXPIRED)


@dataclass(frozen=True)
class Document:
    """An uploaded file: its bytes and the name it had."""

    content: bytes
    name: str


@dataclass(frozen=True)
class RegistrationFacts:
    """What a certificate says. ``nice_classes`` are 1 to 45; a trademark needs at least one.

    ``mark_text`` are the words of the mark; brand names that say the same are covered by it.
    """

    kind: str
    jurisdiction: str
    number: str
    owner_name: str
    valid_from: date
    valid_to: date
    nice_classes: Sequence[int] = ()
    mark_text: str = ""


@dataclass(frozen=True)
class LetterFacts:
    """What a letter of authorisation says. No acts: all of them; no brands: every one."""

    valid_from: date
    valid_to: date
    scope: Sequence[str] = ()
    brands: Sequence[Brand] = ()


@transaction.atomic
def submit_registration(
    *,
    actor: Actor,
    now: datetime,
    organisation: Organisation,
    facts: RegistrationFacts,
    brands: Sequence[Brand],
    document: Document,
    renews: Registration | None = None,
) -> Registration:
    """Submit a registration of the organisation for audit.

    ``renews`` names the one it takes the place of: both may stand until that one ends.
    """
    replaced = [] if renews is None else renews.brands.all()
    may_submit_registration(actor, organisation, [*replaced, *brands]).require()
    problems = Problems()
    fields = _clean(problems, facts)
    _check_brands(problems, brands, organisation)
    _check_renewal(problems, renews, organisation)
    if renews is None:
        _check_unique(problems, organisation, fields)
    problems.require_none()
    with _one_registration_a_number():
        registration = Registration.objects.create(
            organisation=organisation,
            renews=renews,
            **_kept(document, now),
            submitted_by=_submitter(actor),
            created_at=now,
            **fields,
        )
    registration.brands.set(brands)
    _submit(registration, actor, now)
    return registration


@transaction.atomic
def resubmit_registration(
    *,
    actor: Actor,
    now: datetime,
    registration: Registration,
    facts: RegistrationFacts,
    brands: Sequence[Brand],
    document: Document | None = None,
) -> None:
    """Answer an auditor who asked for more: corrected facts, and another document if given."""
    # Also for the brands it loses: their right is rewritten as well.
    touched = [*registration.brands.all(), *brands]
    may_submit_registration(actor, registration.organisation, touched).require()
    problems = Problems()
    fields = _clean(problems, facts)
    _check_brands(problems, brands, registration.organisation)
    problems.require_none()
    with _one_registration_a_number():
        _submit(registration, actor, now, changes={**fields, **_replaced(document, actor, now)})
    registration.brands.set(brands)


@transaction.atomic
def submit_letter(
    *,
    actor: Actor,
    now: datetime,
    agent: Organisation,
    rights_holder: Organisation,
    facts: LetterFacts,
    document: Document,
    renews: LetterOfAuthorisation | None = None,
) -> LetterOfAuthorisation:
    """Submit a rights holder's letter of authorisation for an agent; approved, it is a mandate."""
    may_submit_letter(actor, agent, rights_holder).require()
    problems = Problems()
    _check_letter(problems, facts, rights_holder)
    if renews is not None and (renews.agent_id, renews.organisation_id) != (
        agent.pk,
        rights_holder.pk,
    ):
        problems.add("renews", "other_letter", _("This renews a letter between others."))
    problems.require_none()
    letter = LetterOfAuthorisation.objects.create(
        agent=agent,
        organisation=rights_holder,
        renews=renews,
        valid_from=facts.valid_from,
        valid_to=facts.valid_to,
        scope=list(facts.scope),
        **_kept(document, now),
        submitted_by=_submitter(actor),
        created_at=now,
    )
    letter.brands.set(facts.brands)
    _submit(letter, actor, now)
    return letter


@transaction.atomic
def resubmit_letter(
    *,
    actor: Actor,
    now: datetime,
    letter: LetterOfAuthorisation,
    facts: LetterFacts,
    document: Document | None = None,
) -> None:
    """Answer an auditor who asked for more about a letter."""
    may_submit_letter(actor, letter.agent, letter.organisation).require()
    problems = Problems()
    _check_letter(problems, facts, letter.organisation)
    problems.require_none()
    changes = {
        "valid_from": facts.valid_from,
        "valid_to": facts.valid_to,
        "scope": list(facts.scope),
        # Another document or another scope is another letter: the rights holder confirms it anew.
        "confirmed_by": None,
        "confirmed_at": None,
    }
    _submit(letter, actor, now, changes={**changes, **_replaced(document, actor, now)})
    letter.brands.set(facts.brands)


def _clean(problems: Problems, facts: RegistrationFacts) -> dict[str, object]:
    jurisdiction = facts.jurisdiction.strip().upper()
    if facts.kind not in Registration.Kind.values:
        problems.add("kind", "unknown_kind", _("Choose the kind of right."))
    if jurisdiction not in JURISDICTIONS:
        problems.add(
            "jurisdiction",
            "unknown_jurisdiction",
            _("“%s” is not a jurisdiction. Write an ISO 3166 code such as CN, or EU, or WO.")
            % jurisdiction[:20],
        )
    _check_term(problems, facts.valid_from, facts.valid_to)
    number = problems.text("number", _ascii_digits(facts.number), longest=60, required=True)
    for field in ("number", "owner_name", "mark_text"):
        _check_script(problems, field, getattr(facts, field))
    return {
        "kind": facts.kind,
        "jurisdiction": jurisdiction,
        "number": number,
        "number_key": number_key(number)[:60],
        "mark_text": problems.text("mark_text", facts.mark_text, longest=200),
        "nice_classes": _nice_classes(problems, facts),
        "owner_name": problems.text("owner_name", facts.owner_name, longest=200, required=True),
        "valid_from": facts.valid_from,
        "valid_to": facts.valid_to,
    }


def _ascii_digits(number: str) -> str:
    """Return the number with digits of any script as 0 to 9, as registers print them."""
    return "".join(
        str(unicodedata.digit(character)) if character.isdigit() else character
        for character in unicodedata.normalize("NFKC", number)
    )


def _check_script(problems: Problems, field: str, value: str) -> None:
    """Refuse letters that pass for others, and marks that turn the direction of reading."""
    if word := names.mixed_word(value):
        problems.add(
            field,
            "mixed_scripts",
            _("“%(word)s” mixes letters of several scripts that look alike. Type it in one script.")
            % {"word": word[:40]},
        )
    if hidden := names.hidden_character(value):
        problems.add(
            field,
            "hidden_character",
            _("The character U+%(code)04X at position %(position)d cannot be seen. Remove it.")
            % {"code": ord(hidden[0]), "position": hidden[1]},
        )


def _check_renewal(
    problems: Problems, renews: Registration | None, organisation: Organisation
) -> None:
    if renews is not None and renews.organisation_id != organisation.pk:
        problems.add("renews", "other_right", _("This renews a right of somebody else."))


def _check_unique(
    problems: Problems, organisation: Organisation, fields: dict[str, object]
) -> None:
    """Refuse a number that stands already, in whatever spelling, unless it is renewed."""
    same = Registration.objects.filter(
        organisation=organisation,
        **{name: fields[name] for name in ("kind", "jurisdiction", "number_key")},
    ).exclude(state__in=_ENDED)
    if fields["number_key"] and same.exists():
        problems.add("number", "duplicate", _("This registration is submitted already."))


def _check_letter(problems: Problems, facts: LetterFacts, rights_holder: Organisation) -> None:
    _check_term(problems, facts.valid_from, facts.valid_to)
    if set(facts.scope) - set(Mandate.Act.values):
        problems.add("scope", "unknown_act", _("Choose what the agent may do from the list."))
    if any(brand.organisation_id != rights_holder.pk for brand in facts.brands):
        problems.add("brands", "other_brand", _("A chosen brand is not the rights holder's."))


def _nice_classes(problems: Problems, facts: RegistrationFacts) -> list[int]:
    classes = sorted(set(facts.nice_classes))
    if any(not 1 <= number <= HIGHEST_NICE_CLASS for number in classes):
        problems.add("nice_classes", "unknown_class", _("Nice classes are numbers from 1 to 45."))
    elif facts.kind == Registration.Kind.TRADEMARK and not classes:
        problems.add("nice_classes", "required", _("A trademark names its Nice classes."))
    return classes


def _check_term(problems: Problems, valid_from: date, valid_to: date) -> None:
    if valid_to < valid_from:
        problems.add("valid_to", "ends_before_start", _("The term ends before it starts."))


def _check_brands(problems: Problems, brands: Sequence[Brand], organisation: Organisation) -> None:
    if not brands:
        problems.add("brands", "required", _("Choose the brands this right protects."))
    elif any(brand.organisation_id != organisation.pk for brand in brands):
        problems.add("brands", "other_brand", _("A chosen brand is not the rights holder's."))


def _submitter(actor: Actor) -> Member:
    if actor.member is None:
        raise TypeError("The policy lets only people submit credentials.")
    return actor.member


def _file_name(name: str) -> str:
    """The last part of the name, printable and short: it is only ever shown."""
    kept = "".join(c for c in PurePath(name.replace("\\", "/")).name if c.isprintable())
    return kept[-200:] or "document"


def _replaced(document: Document | None, actor: Actor, now: datetime) -> dict[str, object]:
    changes: dict[str, object] = {"submitted_by": _submitter(actor)}
    return changes if document is None else changes | _kept(document, now)


def _kept(document: Document, now: datetime) -> dict[str, Any]:
    """Keep the document; its name ends as its content was found to be."""
    stored = pictures.keep_document(document.content, field="document", now=now)
    name = pictures.name_for(_file_name(document.name), stored.media_type)
    return {"document": stored, "document_name": name}


def _submit(
    credential: Registration | LetterOfAuthorisation,
    actor: Actor,
    now: datetime,
    changes: dict[str, object] | None = None,
) -> None:
    kind = credential._meta.model_name
    states.move(
        credential,
        CredentialState.SUBMITTED,
        actor=actor,
        now=now,
        data={"credential": kind},
        changes=changes,
    )


def _one_registration_a_number() -> AbstractContextManager[None]:
    return refusing(
        "registration_once",
        field="number",
        code="duplicate",
        message=_("This registration is submitted already."),
    )
