"""``doctor``: a saved set-up again, without a window: what works, and what changed since."""

import asyncio
import contextlib
import time
from pathlib import Path

import msgspec

from wizard.actions import SecretOf, check_up
from wizard.catalog import Catalog
from wizard.checkup import Checked, Health, Subject, compare
from wizard.cli.call import Call, CannotDoError
from wizard.cli.diagnosis_document import DiagnosisDocument, diagnosis_document, diagnosis_lines
from wizard.diagnosis.circumstances import circumstances
from wizard.diagnosis.diagnose import diagnose_report
from wizard.model import Protocol, Secret, parse_domain, to_unicode
from wizard.network import Network
from wizard.setup import Setup
from wizard.signin.desk import SigninDesk
from wizard.signin.login import Login
from wizard.store.setups import SavedSetup, SetupStore, read_setup
from wizard.store.vault import Vault, system_backend
from wizard.texts import Message

# A keyring may ask its owner, or never answer.
KEYRING_SECONDS = 20.0
MAX_NAMED = 10


class CheckDocument(msgspec.Struct):
    """One thing that was looked at. ``state``: ok, wrong, unknown; ``before`` also untested."""

    subject: str
    name: str
    state: str
    before: str
    changed: bool
    detail: str
    value: str | None
    was: str | None
    diagnosis: DiagnosisDocument | None


class DoctorDocument(msgspec.Struct):
    """What ``doctor --json`` prints; ``saved`` is UTC."""

    setup: str
    domain: str | None
    saved: str
    ok: bool
    checks: tuple[CheckDocument, ...]
    changed: int
    elapsed_ms: int


async def run(call: Call) -> int:
    """Status 0 when all is well, 1 when something is wrong, 3 when something could not be seen."""
    started = time.monotonic()
    saved = _find(call, call.options.setup)
    catalog = call.catalog()
    now = await check_up(
        saved.setup, catalog, _secrets(saved.setup, catalog, call.network), call.network
    )
    checks = compare(saved.setup, now)
    document = DoctorDocument(
        setup=saved.setup.id,
        domain=saved.setup.domain,
        saved=saved.saved.isoformat(),
        ok=all(one.health is Health.OK for one in checks),
        checks=tuple(_check(call, one, saved.setup, catalog) for one in checks),
        changed=sum(one.changed for one in checks),
        elapsed_ms=round((time.monotonic() - started) * 1000),
    )
    call.emit(document)
    _show(call, document, saved)
    if any(one.health is Health.WRONG for one in checks):
        return 1
    return 0 if document.ok and checks else 3


def _find(call: Call, given: str) -> SavedSetup:
    """By path, by id, or the newest of a domain. Raises :class:`CannotDoError` (status 2)."""
    path = Path(given)
    if path.suffix == ".json" or path.is_file():
        read = read_setup(path)
        if isinstance(read, SavedSetup):
            return read
        reason = call.render(read.message)
        raise CannotDoError(call.texts("store.no_setup", file=path.name, reason=reason), 2)
    saved, _ = SetupStore().load_all()
    domain = parse_domain(given)
    for one in saved:
        if one.setup.id == given.lower() or one.setup.domain == domain:
            return one
    names = [to_unicode(one.setup.domain) for one in saved if one.setup.domain]
    known = ", ".join(dict.fromkeys(names[:MAX_NAMED])) or call.texts("cli.doctor.none_saved")
    raise CannotDoError(call.texts("cli.doctor.not_found", setup=given, known=known), 2)


class _Keyring:
    """The secrets in the keyring; none where it does not answer in time."""

    def __init__(self) -> None:
        self._vault: Vault | None = None

    async def get(self, setup_id: str, purpose: str) -> Secret | None:
        try:
            async with asyncio.timeout(KEYRING_SECONDS):
                return await asyncio.to_thread(lambda: self._opened().get(setup_id, purpose))
        except TimeoutError:
            return None

    async def put(self, setup_id: str, purpose: str, secret: Secret) -> None:
        """A lasting token that was changed by its use: without the new one nobody gets in again."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEYRING_SECONDS):
                await asyncio.to_thread(lambda: self._opened().put(setup_id, purpose, secret))

    def _opened(self) -> Vault:
        if self._vault is None:
            self._vault = Vault(system_backend())
        return self._vault


def _secrets(setup: Setup, catalog: Catalog, network: Network) -> SecretOf:
    """Passwords and tokens of a set-up, out of the keyring."""
    desk = SigninDesk(_Keyring())

    async def secret_of(purpose: str) -> Login:
        return await desk.login(setup, purpose, catalog, network)

    return secret_of


def _check(call: Call, one: Checked, setup: Setup, catalog: Catalog) -> CheckDocument:
    detail = call.render(one.detail) if isinstance(one.detail, Message) else one.detail
    diagnosis = None
    if one.report is not None:
        smtp = one.subject is Subject.SENDING
        protocol = Protocol.SMTP if smtp else setup.receiving.protocol
        around = circumstances(setup.service.provider, catalog, protocol)
        diagnosis = diagnosis_document(diagnose_report(one.report, around), call.texts)
    differs = one.value != one.was
    return CheckDocument(
        subject=one.subject,
        name=one.name,
        state=one.health,
        before=one.before,
        changed=one.changed,
        detail=" ".join(detail.split()),
        value=one.value if differs else None,
        was=one.was if differs else None,
        diagnosis=diagnosis,
    )


def _show(call: Call, document: DoctorDocument, saved: SavedSetup) -> None:
    texts = call.texts
    when = f"{saved.saved.astimezone():%Y-%m-%d %H:%M}"
    call.say(texts("cli.doctor.head", domain=to_unicode(document.domain or "–"), saved=when))
    for one in document.checks:
        kind = texts(f"cli.doctor.kind.{one.subject}")
        state = texts(f"cli.doctor.state.{one.state}")
        detail = f" ({one.detail})" if one.detail and one.state != Health.OK else ""
        call.say(f"  {kind} {one.name}: {state}{detail}")
        if one.changed and one.state != one.before:
            before = texts(f"cli.doctor.before.{one.before}")
            call.say(f"    {texts('cli.doctor.changed', before=before)}")
        if one.value is not None and one.was is not None:
            nothing = texts("cli.doctor.nothing_there")
            values = {"now": one.value or nothing, "before": one.was or nothing}
            call.say(f"    {texts('cli.doctor.value', **values)}")
        if one.diagnosis is not None:
            for line in diagnosis_lines(one.diagnosis, texts):
                call.say(f"    {line}" if line else "")
    for verdict in _verdict(call, document):
        call.say(verdict)


def _verdict(call: Call, document: DoctorDocument) -> list[str]:
    states = [one.state for one in document.checks]
    said = [
        call.texts(f"cli.doctor.{state}", n=states.count(state))
        for state in (Health.WRONG, Health.UNKNOWN)
        if state in states
    ]
    if said or not states:
        return said
    if document.changed:
        return [call.texts("cli.doctor.well_changed", n=document.changed)]
    return [call.texts("cli.doctor.all_well")]
