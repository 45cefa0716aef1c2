"""What there is to log in with, or why there is nothing. Light: everybody who logs in needs it."""

import re
from dataclasses import dataclass
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import Secret
from wizard.signin.token import TokenLogin
from wizard.texts import Message

_ADMIN: Final = re.compile(r"admin", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SigninFailure:
    """It did not come to a token: why, and the service's words. ``note``: more that we know."""

    cause: Cause
    words: str
    note: Message | None = None
    family: str = ""

    @property
    def admin_may_agree(self) -> bool:
        """Would the agreement of the organisation's administrator help?

        Who turns back at Microsoft's "Need admin approval" comes with no more than a refusal.
        """
        consent = self.cause in (Cause.OAUTH_CONSENT_REQUIRED, Cause.ACCESS_POLICY_BLOCKED)
        return consent and (self.family == "microsoft" or bool(_ADMIN.search(self.words)))


# A password, the token of a sign-in, or why there is neither.
Login = Secret | TokenLogin | SigninFailure | None
