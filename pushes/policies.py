"""Who may judge a link, and what stands in the way."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from portal.core.actors import Actor
from portal.core.models import Member
from portal.core.policies import ALLOWED, Answer, Permission, denied, may
from pushes.models import ControlThreshold, SuspectedLink, Verdict
from pushes.states import LINK, VERDICTS

Bar = Callable[[SuspectedLink], Answer]
_bars: list[Bar] = []


def bar_corrections(bar: Bar) -> None:
    """Let an upper app refuse corrections of a link, such as while a complaint stands.

    ``bar`` is asked under the link's row lock and answers with its reason.
    """
    _bars.append(bar)


def judge(actor: Actor, link: SuspectedLink) -> Answer:
    """Whether the actor may give this link a verdict now."""
    answer = may(actor, Permission.JUDGE_LINKS, link.organisation_id, link.brand_id)
    if not answer:
        return answer
    if actor.member is None and actor.api_key is None:
        return denied("no_author", _("A verdict needs an author."))
    if is_judged(link):
        return _unbarred(link)
    return ALLOWED


def may_appraise(actor: Actor, link: SuspectedLink) -> Answer:
    """Whether the actor records what a test purchase or jury found: the platform only.

    Nobody checks the verdicts of an organisation they belong to.
    """
    answer = may(actor, Permission.DECIDE_COMPLAINT)
    if not answer or actor.member is None:
        return answer
    return _no_party(actor.member, link.organisation_id)


def may_accept(actor: Actor, proposal: ControlThreshold) -> Answer:
    """Whether the actor puts a proposed threshold in force; never what their own side wished."""
    answer = may(actor, Permission.TUNE_RULES)
    if not answer or actor.member is None or not proposal.wished or proposal.brand is None:
        return answer
    wisher = proposal.created_by
    if wisher is not None and wisher.user_id == actor.member.user_id:
        return denied("own_wish", _("You asked for this yourself; somebody else decides."))
    return _no_party(actor.member, proposal.brand.organisation_id)


def undo(actor: Actor, verdict: Verdict) -> Answer:
    """Whether the actor may take the verdict back: its author only."""
    link = verdict.link
    answer = may(actor, Permission.JUDGE_LINKS, link.organisation_id, link.brand_id)
    if not answer:
        return answer
    own = verdict.member_id == (actor.member.pk if actor.member else None)
    own = own and verdict.api_key_id == (actor.api_key.pk if actor.api_key else None)
    return ALLOWED if own else denied("not_author", _("Only its author can undo a verdict."))


def is_judged(link: SuspectedLink) -> bool:
    """Whether the link has a final verdict, so that another one is a correction."""
    return link.state in VERDICTS.split()


def outcomes_for(link: SuspectedLink) -> list[str]:
    """Verdicts the table of states allows from where the link is now."""
    return [outcome for outcome in VERDICTS.split() if LINK.allows(link.state, outcome)]


def _no_party(member: Member, organisation_id: int) -> Answer:
    own = Member.objects.filter(user_id=member.user_id, active=True)
    if own.filter(organisation=organisation_id).exists():
        return denied("own_organisation", _("You belong to the organisation; somebody else does."))
    return ALLOWED


def _unbarred(link: SuspectedLink) -> Answer:
    for bar in _bars:
        answer = bar(link)
        if not answer:
            return answer
    return ALLOWED
