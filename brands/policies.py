"""Who may do what in the brands room, with reasons."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from brands.models import (
    Brand,
    BrandName,
    CatalogueImport,
    LetterOfAuthorisation,
    Registration,
    Revocation,
)
from portal.core.actors import Actor
from portal.core.models import Member, Organisation
from portal.core.policies import ALLOWED, Answer, Permission, denied, may

Credential = Registration | LetterOfAuthorisation


def may_edit_registry(actor: Actor, organisation: Organisation) -> Answer:
    """Whether the actor may declare facts for the organisation, which must be a rights holder."""
    answer = may(actor, Permission.EDIT_REGISTRY, organisation.pk)
    if answer and organisation.kind != Organisation.Kind.RIGHTS_HOLDER:
        return denied("not_a_rights_holder", _("Only a rights holder has a registry."))
    return answer


def may_edit_brand(actor: Actor, brand: Brand) -> Answer:
    """Whether the actor may change what the registry says of the brand."""
    answer = may_edit_registry(actor, brand.organisation)
    return answer and may(actor, Permission.EDIT_REGISTRY, brand.organisation_id, brand.pk)


def may_edit_whole(actor: Actor, organisation: Organisation) -> Answer:
    """Whether the actor may change what is about no one brand of the organisation, or add one."""
    answer = may_edit_registry(actor, organisation)
    if answer and actor.brands:
        return denied(
            "outside_mandate", _("Your letter of authorisation is limited to some brands.")
        )
    return answer


def may_edit_import(actor: Actor, source: CatalogueImport) -> Answer:
    """Whether the actor may go on with an import: for its one brand, or for all of them."""
    if source.brand is not None:
        return may_edit_brand(actor, source.brand)
    return may_edit_whole(actor, source.organisation)


def may_submit_registration(
    actor: Actor, organisation: Organisation, brands: Iterable[Brand] = ()
) -> Answer:
    """Whether the actor may submit a registration of the organisation for these brands."""
    answer = _may_submit(actor, organisation.pk)
    for brand in brands:
        # Whose brands they are is told at the field.
        answer = answer and may(actor, Permission.SUBMIT_CREDENTIAL, brand_id=brand.pk)
    if answer and organisation.kind != Organisation.Kind.RIGHTS_HOLDER:
        return denied("not_a_rights_holder", _("Only a rights holder registers rights."))
    return answer


def may_submit_letter(actor: Actor, agent: Organisation, rights_holder: Organisation) -> Answer:
    """Whether the actor may submit a letter: for the agent it names, or for the rights holder.

    An agent acting for the rights holder may not: it would extend its own mandate in the
    principal's name.
    """
    if agent.kind != Organisation.Kind.AGENT:
        return denied("not_an_agent", _("A letter of authorisation names an agent."))
    if rights_holder.kind != Organisation.Kind.RIGHTS_HOLDER:
        return denied("not_a_rights_holder", _("A letter of authorisation is a rights holder's."))
    if agent.pk == rights_holder.pk:
        return denied("authorises_itself", _("A letter cannot authorise whoever issues it."))
    if actor.acts_for_other:
        return denied("acting_for_other", _("Submit this from your own organisation."))
    answer = _may_submit(actor, agent.pk)
    return answer or _may_submit(actor, rights_holder.pk)


def may_audit(actor: Actor, credential: Credential) -> Answer:
    """Whether the actor may audit the credential; nobody audits what they submitted."""
    answer = may(actor, Permission.AUDIT_CREDENTIAL, credential.organisation_id)
    if not answer:
        return answer
    if actor.member is None:
        return denied("not_a_person", _("A credential is audited by a person."))
    if credential.submitted_by.user_id == actor.member.user_id:
        return denied("own_submission", _("You submitted this yourself; somebody else audits it."))
    if _is_party(actor.member.user_id, credential):
        return denied(
            "own_organisation",
            _("You belong to an organisation it names; somebody else audits it."),
        )
    return ALLOWED


def may_confirm_revocation(actor: Actor, revocation: Revocation) -> Answer:
    """Whether the actor may confirm a revocation: an auditor, but not the one who requested it."""
    answer = may_audit(actor, revocation.credential)
    own = actor.member is not None and revocation.requested_by.user_id == actor.member.user_id
    if answer and own:
        return denied(
            "own_request", _("You requested this revocation; another auditor confirms it.")
        )
    return answer


def may_audit_name(actor: Actor, name: BrandName) -> Answer:
    """Whether the actor may approve or refuse a claimed name of somebody else's brand."""
    answer = may(actor, Permission.AUDIT_CREDENTIAL, name.organisation_id)
    if answer and actor.member is None:
        return denied("not_a_person", _("A name is audited by a person."))
    if (
        answer
        and actor.member is not None
        and _belongs(actor.member.user_id, [name.organisation_id])
    ):
        return denied(
            "own_organisation",
            _("You belong to an organisation it names; somebody else audits it."),
        )
    return answer


def may_confirm_letter(actor: Actor, letter: LetterOfAuthorisation) -> Answer:
    """Whether the actor may confirm a letter for the rights holder: nobody of the agent may."""
    answer = may(actor, Permission.SUBMIT_CREDENTIAL, letter.organisation_id)
    if not answer:
        return answer
    if actor.member is None or actor.is_platform or actor.acts_for_other:
        return denied("not_the_rights_holder", _("People of the rights holder confirm a letter."))
    if _belongs(actor.member.user_id, [letter.agent_id]):
        return denied(
            "authorises_itself",
            _("You belong to the agent; a letter cannot be confirmed by those it authorises."),
        )
    return ALLOWED


def _is_party(user_id: int, credential: Credential) -> bool:
    """Whether the person is a member of the rights holder or of the agent concerned."""
    parties = [credential.organisation_id]
    if isinstance(credential, LetterOfAuthorisation):
        parties.append(credential.agent_id)
    return _belongs(user_id, parties)


def _belongs(user_id: int, organisations: list[int]) -> bool:
    members = Member.objects.filter(user_id=user_id, active=True)
    return members.filter(organisation_id__in=organisations).exists()


def _may_submit(actor: Actor, organisation_id: int) -> Answer:
    answer = may(actor, Permission.SUBMIT_CREDENTIAL, organisation_id)
    if answer and actor.member is None:
        return denied("not_a_person", _("A credential is submitted by a person."))
    return answer
