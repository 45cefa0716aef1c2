"""The whole way of a message: submission, a relay hop to the company's MX, checks, mailbox.

Two Postfixes (the provider's submission server, the receiver's MX), Rspamd as both one's milter (it
signs there, and here checks SPF, DKIM and DMARC and writes Authentication-Results), a policy
service that greylists, and Dovecot. The company is ``weg.test``, on free ports, in a throw-away
folder. What each address does on arrival stands in :data:`MAILBOXES` and :data:`ALIASES`.
"""

import base64
import contextlib
import os
import pwd
import shutil
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from servers.authority import Authority, ServerCertificate
from servers.knot import serving
from servers.mail import running
from servers.needs import free_ports, program, wait_for_port

DOMAIN = "weg.test"
PASSWORD = "the whole way"
LOGIN = f"info@{DOMAIN}"
MANY = 100
# Real mailboxes; grey@ is put off once, slow@ is answered late.
MAILBOXES = (
    *("info", "catchall", "bounce", "sales", "grey", "slow", "vanish", "final"),
    *(f"box{number}" for number in range(MANY)),
)
# What the MX makes of other addresses: a junk folder, the catch-all, a forward that puts its own
# sender in, and an address that only the MX believes in.
ALIASES = {
    f"junk@{DOMAIN}": f"sales+Junk@{DOMAIN}",
    f"@{DOMAIN}": f"catchall@{DOMAIN}",
}
FORWARDED, GONE = f"forwarded@{DOMAIN}", f"gone@{DOMAIN}"
SENDERS = ("info", "notifications", "bounce", "catchall")
SELECTOR = "prov"


@dataclass
class Way:
    """Where everything listens, on 127.0.0.1. ``slow_s``: how long slow@ keeps the MX waiting."""

    authority: Authority
    folder: Path
    submission: int
    mx: int
    imaps: int
    pop3s: int
    dns: int
    rspamd: int
    policy: int
    slow_s: float = 1.0
    greylisted: set[str] = field(default_factory=set)

    @property
    def log(self) -> Path:
        return self.folder / "mail.log"

    def write_users(self, without: str = "") -> None:
        """Let these log in: all mailboxes but one, if one is named."""
        word = "{PLAIN.b64}" + base64.b64encode(PASSWORD.encode()).decode()
        lines = [f"{name}@{DOMAIN}:{word}\n" for name in MAILBOXES if name != without]
        # In one step: Dovecot may read it at any time.
        fresh = self.folder / "users.new"
        fresh.write_text("".join(lines))
        fresh.replace(self.folder / "users")

    def doveadm(self, *arguments: str) -> str:
        done = subprocess.run(
            [program("doveadm", "dovecot-core"), "-c", self.folder / "dovecot.conf", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def way(authority: Authority) -> Iterator[Way]:
    """All of it, running, for the tests."""
    with running_way(authority) as way:
        yield way


@contextlib.contextmanager
def running_way(authority: Authority) -> Iterator[Way]:
    """All of it, running, until the end of the block."""
    postfix = program("postfix", "postfix")
    dovecot = program("dovecot", "dovecot-imapd dovecot-pop3d dovecot-lmtpd")
    rspamd = program("rspamd", "rspamd")
    if os.geteuid() != 0:
        text = "Postfix can only be started by root"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    folder = Path(tempfile.mkdtemp(prefix="way-"))
    folder.chmod(0o755)
    way = Way(authority, folder, *free_ports(7))
    certificate = authority.issue("localhost", "127.0.0.1")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(serving({DOMAIN: _zone(_dkim_key(folder))}, way.dns))
        stack.enter_context(_policy(way))
        stack.enter_context(_rspamd(rspamd, way))
        stack.enter_context(_dovecot(dovecot, way, certificate))
        stack.enter_context(_mx(postfix, way))
        stack.enter_context(_submission(postfix, way, certificate))
        yield way


def _dkim_key(folder: Path) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = folder / "dkim.key"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(public).decode()


def _zone(key: str) -> str:
    text = f"v=DKIM1; k=rsa; p={key}"
    strings = " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))
    return f"""
$ORIGIN {DOMAIN}.
$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
ns1 A 127.0.0.1
@ MX 10 mx
mx A 127.0.0.1
@ TXT "v=spf1 ip4:127.0.0.1 -all"
_dmarc TXT "v=DMARC1; p=quarantine"
{SELECTOR}._domainkey TXT {strings}
"""


class _Policy(socketserver.StreamRequestHandler):
    """Postfix's policy protocol: greylists grey@ once, is slow about slow@."""

    way: Way

    def handle(self) -> None:
        asked: dict[str, str] = {}
        for raw in self.rfile:
            name, _, value = raw.decode().strip().partition("=")
            if name:
                asked[name] = value
                continue
            self.wfile.write(f"action={self._judge(asked)}\n\n".encode())
            asked = {}

    def _judge(self, asked: Mapping[str, str]) -> str:
        recipient = asked.get("recipient", "")
        if recipient == f"slow@{DOMAIN}":
            threading.Event().wait(self.way.slow_s)
        triplet = f"{asked.get('sender')} {recipient}"
        if recipient == f"grey@{DOMAIN}" and triplet not in self.way.greylisted:
            self.way.greylisted.add(triplet)
            return "DEFER 4.2.0 Greylisted, please come again"
        return "DUNNO"


@contextlib.contextmanager
def _policy(way: Way) -> Iterator[None]:
    handler = type("Policy", (_Policy,), {"way": way})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", way.policy), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextlib.contextmanager
def _rspamd(binary: Path, way: Way) -> Iterator[None]:
    folder = way.folder / "rspamd"
    folder.mkdir()
    config = folder / "rspamd.conf"
    config.write_text(f"""
options {{
    pidfile = "{folder}/pid";
    tempdir = "{folder}";
    rundir = "{folder}";
    dbdir = "{folder}";
    control_socket = "{folder}/control.sock mode=0600";
    filters = "spf,dkim,regexp,chartable";
    raw_mode = false;
    explicit_modules = ["spf", "dkim", "dmarc", "dkim_signing", "milter_headers"];
    dns {{
        nameserver = ["127.0.0.1:{way.dns}:1"];
        timeout = 2s;
        retransmits = 2;
        enable_dnssec = false;
    }}
}}
logging {{ type = "file"; filename = "{way.folder}/rspamd.log"; level = "warning"; }}
worker "rspamd_proxy" {{
    bind_socket = "127.0.0.1:{way.rspamd}";
    milter = yes;
    count = 1;
    timeout = 30s;
    upstream "local" {{ default = yes; self_scan = yes; }}
}}
lua = "/usr/share/rspamd/rules/rspamd.lua";
modules {{ path = "/usr/share/rspamd/plugins/"; }}
metric {{ name = "default"; actions {{ reject = 9999; }} }}
spf {{ check_local = true; check_authed = false; }}
dkim {{ check_local = true; check_authed = false; }}
dmarc {{ check_local = true; check_authed = false; }}
dkim_signing {{
    sign_authenticated = true;
    sign_local = false;
    allow_username_mismatch = true;
    allow_hdrfrom_mismatch = true;
    use_domain = "header";
    domain {{ {DOMAIN} {{ selector = "{SELECTOR}"; path = "{way.folder}/dkim.key"; }} }}
}}
milter_headers {{
    use = ["authentication-results"];
    skip_local = false;
    skip_authenticated = true;
    authenticated_headers = [];
    routines {{ authentication-results {{ add_smtp_user = false; }} }}
}}
""")
    with running([str(binary), "--no-fork", "--insecure", "-c", str(config)], way.log):
        wait_for_port(way.rspamd)
        yield


@contextlib.contextmanager
def _dovecot(binary: Path, way: Way, certificate: ServerCertificate) -> Iterator[None]:
    mail = way.folder / "mail"
    mail.mkdir()
    owner = pwd.getpwnam("nobody")
    os.chown(mail, owner.pw_uid, owner.pw_gid)
    way.write_users()
    run = way.folder / "run"
    (way.folder / "dovecot.conf").write_text(f"""
base_dir = {run}
state_dir = {way.folder / "state"}
log_path = {way.log}
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate.certificate}
ssl_key = <{certificate.key}
auth_mechanisms = plain login
auth_failure_delay = 0
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
mail_location = maildir:{mail}/%u
mail_uid = nobody
mail_gid = {owner.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
default_client_limit = 1000
default_process_limit = 500
passdb {{
  driver = passwd-file
  args = username_format=%u {way.folder / "users"}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={mail}/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
service anvil {{
  chroot =
  # Wrong passwords are part of the tests; nobody is to wait for the next login.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {way.imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = 0
  }}
  inet_listener pop3s {{
    port = {way.pop3s}
    ssl = yes
  }}
}}
service auth {{
  chroot =
  unix_listener {way.folder}/auth {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener {way.folder}/lmtp {{
    mode = 0666
  }}
}}
service stats {{
  chroot =
}}
""")
    config = str(way.folder / "dovecot.conf")
    with running([str(binary), "-F", "-c", config], way.log):
        for port in (way.imaps, way.pop3s):
            wait_for_port(port)
        yield


_SERVICES = """
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
"""
_COMMON = """
compatibility_level = 3.6
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtp_tls_security_level = none
local_recipient_maps =
alias_maps =
alias_database =
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
in_flow_delay = 0
"""


@contextlib.contextmanager
def _postfix(
    binary: Path, way: Way, name: str, port: int, main: str, master: str
) -> Iterator[None]:
    folder = way.folder / name
    queue, data, config = folder / "queue", folder / "data", folder / "etc"
    for path in (queue, data, config):
        path.mkdir(parents=True)
    owner = pwd.getpwnam("postfix")
    os.chown(data, owner.pw_uid, owner.pw_gid)
    (config / "main.cf").write_text(f"""{_COMMON}
queue_directory = {queue}
data_directory = {data}
myhostname = {name}.{DOMAIN}
maillog_file = {way.log}
maillog_file_prefixes = {way.folder}
syslog_name = {name}
{main}
""")
    (config / "master.cf").write_text(f"127.0.0.1:{port} inet n - n - - smtpd\n{master}{_SERVICES}")
    subprocess.run(
        [str(binary), "-c", str(config), "check"], check=False, capture_output=True, timeout=60
    )
    with running([str(binary), "-c", str(config), "start-fg"], way.log):
        wait_for_port(port)
        try:
            yield
        finally:
            subprocess.run(
                [str(binary), "-c", str(config), "stop"],
                check=False,
                capture_output=True,
                timeout=60,
            )


@contextlib.contextmanager
def _submission(binary: Path, way: Way, certificate: ServerCertificate) -> Iterator[None]:
    """The provider's: a login, the senders it owns, a DKIM signature, on to the MX."""
    owners = way.folder / "owners"
    owners.write_text("".join(f"{name}@{DOMAIN} {LOGIN}\n" for name in SENDERS))
    main = f"""
smtpd_tls_cert_file = {certificate.certificate}
smtpd_tls_key_file = {certificate.key}
smtpd_tls_security_level = encrypt
smtpd_sasl_type = dovecot
smtpd_sasl_path = {way.folder}/auth
smtpd_sasl_auth_enable = yes
smtpd_sender_login_maps = texthash:{owners}
smtpd_delay_reject = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_milters = inet:127.0.0.1:{way.rspamd}
milter_default_action = tempfail
relayhost = [127.0.0.1]:{way.mx}
"""
    with _postfix(binary, way, "out", way.submission, main, ""):
        yield


@contextlib.contextmanager
def _mx(binary: Path, way: Way) -> Iterator[None]:
    """The receiver's: checks, aliases, a forward with a sender of its own, delivery."""
    maps = way.folder / "maps"
    maps.mkdir()
    known = [*(f"{name}@{DOMAIN}" for name in MAILBOXES), GONE]
    (maps / "mailboxes").write_text("".join(f"{one} ok\n" for one in known))
    aliases = {**{one: one for one in (*known, FORWARDED)}, **ALIASES}
    (maps / "aliases").write_text("".join(f"{one} {to}\n" for one, to in aliases.items()))
    (maps / "transport").write_text(f"{FORWARDED} forward:[127.0.0.1]:{way.mx}\n")
    generic = {FORWARDED: f"final@{DOMAIN}"}
    generic |= {f"{name}@{DOMAIN}": f"srs0-{name}@forwarder.test" for name in SENDERS}
    (maps / "generic").write_text("".join(f"{one} {to}\n" for one, to in generic.items()))
    main = f"""
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = texthash:{maps}/mailboxes
virtual_alias_maps = texthash:{maps}/aliases
virtual_transport = lmtp:unix:{way.folder}/lmtp
transport_maps = texthash:{maps}/transport
recipient_delimiter = +
enable_original_recipient = yes
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{way.policy}
smtpd_milters = inet:127.0.0.1:{way.rspamd}
milter_default_action = tempfail
smtpd_peername_lookup = no
"""
    forward = f"forward unix - - n - - smtp -o smtp_generic_maps=texthash:{maps}/generic\n"
    with _postfix(binary, way, "mx", way.mx, main, forward):
        yield
