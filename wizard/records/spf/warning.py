"""What can be wrong or noteworthy about an SPF record: the vocabulary of ``spf --json``."""

from enum import StrEnum
from typing import Final


class SpfWarning(StrEnum):
    """Each has its words in the texts ``spf.warning.<code>``."""

    MULTIPLE_RECORDS = "multiple_records"
    SYNTAX_ERROR = "syntax_error"
    INCLUDE_LOOP = "include_loop"
    INCLUDE_NO_SPF = "include_no_spf"
    INCLUDE_BROKEN = "include_broken"
    TOO_MANY_LOOKUPS = "too_many_lookups"
    TOO_MANY_VOIDS = "too_many_voids"
    TOO_MANY_MX = "too_many_mx"
    WANTED_UNUSABLE = "wanted_unusable"
    WANTED_QUALIFIED = "wanted_qualified"
    CNAME = "cname"
    NXDOMAIN = "nxdomain"
    NEAR_MISS = "near_miss"
    DNS_TEMPERROR = "dns_temperror"
    PASS_ALL = "pass_all"
    NEUTRAL_ALL = "neutral_all"
    NO_ALL = "no_all"
    NULL_POLICY = "null_policy"
    NO_MX = "no_mx"
    PTR_USED = "ptr_used"
    DUPLICATE_TERM = "duplicate_term"
    AFTER_ALL = "after_all"
    REDIRECT_IGNORED = "redirect_ignored"
    UNKNOWN_MODIFIER = "unknown_modifier"
    INCLUDE_PASS_ALL = "include_pass_all"
    VOID_LOOKUP = "void_lookup"
    NEAR_LIMIT = "near_limit"
    MACRO_UNCOUNTABLE = "macro_uncountable"
    COVERED_INDIRECTLY = "covered_indirectly"
    SPLIT_STRINGS = "split_strings"
    OVER_450 = "over_450"
    NON_ASCII = "non_ascii"
    SPF_TYPE99 = "spf_type99"
    WILDCARD = "wildcard"


# With one of these a person has to decide or repair something before a record can be offered.
BLOCKING: Final = frozenset(
    {
        SpfWarning.MULTIPLE_RECORDS,
        SpfWarning.SYNTAX_ERROR,
        SpfWarning.INCLUDE_LOOP,
        SpfWarning.INCLUDE_NO_SPF,
        SpfWarning.INCLUDE_BROKEN,
        SpfWarning.TOO_MANY_LOOKUPS,
        SpfWarning.TOO_MANY_VOIDS,
        SpfWarning.TOO_MANY_MX,
        SpfWarning.WANTED_UNUSABLE,
        SpfWarning.WANTED_QUALIFIED,
        SpfWarning.CNAME,
        SpfWarning.NXDOMAIN,
    }
)
