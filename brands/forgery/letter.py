"""Signals about letters of authorisation: does the rights holder know of its agent?"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brands.forgery.base import Case, Finding, Severity
from brands.models import LetterOfAuthorisation
from brands.reading import comparing
from portal.core.models import Member


class AgentNotConfirmed:
    """The agent submitted the letter, and the rights holder never said yes to this agent."""

    code = "agent_not_confirmed"
    title = gettext_lazy("Rights holder never approved this agent")

    def look(self, case: Case) -> Iterable[Finding]:
        """A letter the rights holder submits or confirms, or confirmed once before, is its word."""
        letter = case.letter
        if letter is None or letter.confirmed_by_id is not None:
            return
        if letter.submitted_by.organisation_id == letter.organisation_id:
            return
        earlier = LetterOfAuthorisation.objects.filter(
            agent=letter.agent_id, organisation=letter.organisation_id, confirmed_at__isnull=False
        )
        if earlier.exclude(pk=letter.pk).exists():
            return
        yield Finding(
            self.code,
            Severity.WARN,
            self.title,
            _("%(agent)s submitted this letter itself; %(holder)s has not confirmed it.")
            % {"agent": letter.agent, "holder": letter.organisation},
            (_("People of the rights holder confirm it on their page of this letter."),),
        )


class AuthorisesItself:
    """The two sides of the letter are one: it authorises itself."""

    code = "authorises_itself"
    title = gettext_lazy("Letter authorises itself")

    def look(self, case: Case) -> Iterable[Finding]:
        """Compare names and people of both organisations."""
        letter = case.letter
        if letter is None:
            return
        evidence = []
        if comparing.same_owner(letter.agent.name, letter.organisation.name):
            evidence.append(_("Agent and rights holder have the same name."))
        people = Member.objects.filter(active=True, organisation=letter.agent_id)
        both = people.filter(
            user__memberships__organisation=letter.organisation_id, user__memberships__active=True
        ).distinct()
        if count := both.count():
            evidence.append(
                _("%(count)d member(s) of the agent belong to the rights holder too.")
                % {"count": count}
            )
        if evidence:
            why = _("Nobody outside the agent stands behind this authorisation.")
            yield Finding(self.code, Severity.BAD, self.title, why, tuple(evidence))
