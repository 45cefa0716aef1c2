"""How an SPF report is said: the same sentences for the window and the command line. Pure."""

from wizard.records.spf.report import Effect, SpfReport, TreeNode, Verdict, Whose
from wizard.texts import Message, message


def effect_message(effect: Effect) -> Message:
    """One sentence: whose server, what receivers say now, and what they will say."""
    if effect.whose is Whose.SERVER and not effect.address:
        return message("spf.effect.server_unknown", name=effect.name)
    who = message(f"spf.effect.{effect.whose}", address=effect.address, name=effect.name)
    before = _verdict(effect.before)
    if effect.after is None:
        return message("spf.effect.now", who=who, before=before)
    if effect.after.result is effect.before.result:
        return message("spf.effect.same", who=who, before=before)
    return message("spf.effect.change", who=who, before=before, after=_verdict(effect.after))


def counts_message(report: SpfReport) -> Message:
    """The DNS look-ups before and after."""
    return message(
        "spf.tree.counts", before=_count(report.lookups_before), after=_count(report.lookups_after)
    )


def voids_message(report: SpfReport) -> Message:
    """The look-ups that find nothing, before and after."""
    return message(
        "spf.tree.voids", before=_count(report.voids_before), after=_count(report.voids_after)
    )


def _count(number: int | None) -> Message | str:
    return message("spf.tree.unknown") if number is None else str(number)


def _verdict(verdict: Verdict) -> Message:
    result = message(f"spf.result.{verdict.result}")
    if not verdict.path:
        return result
    return message("spf.effect.by", result=result, term=verdict.path[-1])


def node_remarks(node: TreeNode) -> tuple[Message, ...]:
    """What is to be said about a term of the tree, beside its cost."""
    said = []
    if node.problem is not None:
        said.append(message(f"spf.tree.problem.{node.problem}"))
    elif node.void:
        said.append(message("spf.tree.void"))
    if node.claimable:
        said.append(message("spf.tree.claimable"))
    if node.repeated:
        said.append(message("spf.tree.repeated"))
    return tuple(said)
