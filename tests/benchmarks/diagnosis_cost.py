"""The time to explain one reply of a mail server, over the collected replies."""

import json
import sys
import time

from measure import ROOT, verdict

BOUND_MS = 1.0


def main() -> int:
    from wizard.diagnosis.diagnose import Circumstances, DiagnosisProtocol, diagnose

    lines = (ROOT / "tests/diagnosis/replies.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    diagnose("warm", protocol=DiagnosisProtocol.SMTP)
    started = time.perf_counter()
    for row in rows:
        diagnose(
            row["text"],
            protocol=DiagnosisProtocol(row["protocol"]),
            circumstances=Circumstances(row["provider"]),
        )
    each = (time.perf_counter() - started) * 1000 / len(rows)
    return 0 if verdict("one reply explained", each, BOUND_MS, "ms") else 1


if __name__ == "__main__":
    sys.exit(main())
