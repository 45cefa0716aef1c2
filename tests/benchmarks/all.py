"""Runs every benchmark, one after the other: ``python tests/benchmarks/all.py``."""

import sys

import check_domains
import command_line_help
import detection
import diagnosis_cost
import event_loop
import many_mailboxes
import memory
import probe_cost
import proof_cost
import records_page
import spf_tree
import start_up


def main() -> int:
    parts = (
        start_up,
        command_line_help,
        event_loop,
        memory,
        diagnosis_cost,
        detection,
        records_page,
        probe_cost,
        many_mailboxes,
        proof_cost,
        spf_tree,
        check_domains,
    )
    return max([part.main() for part in parts])


if __name__ == "__main__":
    sys.exit(main())
