"""``diagnose``: explains an error message from standard input."""

import sys

from wizard.cli.call import Call
from wizard.cli.diagnosis_document import diagnosis_document, diagnosis_lines
from wizard.diagnosis.cause import Cause
from wizard.diagnosis.circumstances import circumstances
from wizard.diagnosis.diagnose import MAX_TEXT_BYTES, DiagnosisProtocol, diagnose
from wizard.model import Protocol, Stage


async def run(call: Call) -> int:
    """Status 0 when the text was understood, 1 when no rule knows it."""
    options = call.options
    text = sys.stdin.buffer.read(MAX_TEXT_BYTES)
    # A stage that is not known is no error: it is context that does not help.
    stage = next((known for known in Stage if known == options.stage), None)
    # The pages of a provider stand in the catalogue; without one it need not be read.
    catalog = call.catalog() if options.provider else None
    diagnosis = diagnose(
        text,
        protocol=DiagnosisProtocol(options.protocol) if options.protocol else None,
        stage=stage,
        circumstances=circumstances(options.provider, catalog, Protocol.SMTP),
    )
    document = diagnosis_document(diagnosis, call.texts)
    call.emit(document)
    for line in diagnosis_lines(document, call.texts):
        call.say(line)
    return 1 if diagnosis.cause is Cause.UNKNOWN else 0
