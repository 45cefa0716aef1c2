"""How a letter of the proof counts now: fresh or stale, whole proof or half. Pure."""

from wizard.proof.report import LetterState, Place, ProofLetter
from wizard.server_form import SESSION, Freshness
from wizard.setup import Setup, proof_subject
from wizard.steps import StepState


def same_way(setup: Setup, letter: ProofLetter) -> bool:
    """Was this letter sent with what stands in the forms now?"""
    subjects = setup.proof.subjects
    known = next((one for one in subjects if one.mailbox == letter.mailbox), None)
    return known is not None and known == proof_subject(setup, letter.mailbox)


def letter_freshness(setup: Setup, letter: ProofLetter) -> Freshness:
    same = letter.session == SESSION and same_way(setup, letter)
    return Freshness.FRESH if same else Freshness.STALE


def letters_to_wait_for(setup: Setup) -> tuple[ProofLetter, ...]:
    """Letters that are still on their way, also of an earlier session: they can be looked for."""
    return tuple(
        one for one in setup.proof.letters if one.state.on_its_way and same_way(setup, one)
    )


def letter_state(setup: Setup, letter: ProofLetter) -> StepState:
    """How one letter counts: where the platform does not look it is only half a proof."""
    if letter_freshness(setup, letter) is not Freshness.FRESH:
        return StepState.STALE
    if letter.state.on_its_way:
        return StepState.OPEN
    if letter.state is not LetterState.ARRIVED:
        return StepState.FAILED
    return StepState.ATTENTION if astray(letter) else StepState.DONE


def astray(letter: ProofLetter) -> str:
    """The word for a letter that arrived, but not where the platform would find it."""
    found = letter.arrival
    if letter.state is not LetterState.ARRIVED or found is None:
        return ""
    if found.elsewhere:
        return "elsewhere"
    # The platform reads the inbox only.
    return {Place.JUNK: "junk", Place.ALL: "archived"}.get(found.place, "")
