"""Who may do what in the brands room, with reasons."""

from django.utils.translation import gettext_lazy as _

from brands.models import LetterOfAuthorisation, Registration
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


def may_submit_registration(actor: Actor, organisation: Organisation) -> Answer:
    """Whether the actor may submit a registration of the organisation."""
    answer = _may_submit(actor, organisation.pk)
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


def _is_party(user_id: int, credential: Credential) -> bool:
    """Whether the person is a member of the rights holder or of the agent concerned."""
    parties = [credential.organisation_id]
    if isinstance(credential, LetterOfAuthorisation):
        parties.append(credential.agent_id)
    return Member.objects.filter(user_id=user_id, organisation_id__in=parties, active=True).exists()


def _may_submit(actor: Actor, organisation_id: int) -> Answer:
    answer = may(actor, Permission.SUBMIT_CREDENTIAL, organisation_id)
    if answer and actor.member is None:
        return denied("not_a_person", _("A credential is submitted by a person."))
    return answer
