"""Dovecot and Postfix of the system, started once per run on free ports with throw-away folders.

The company is ``firma.test``. Dovecot holds the mailboxes (IMAP, POP3, SASL, LMTP); Postfix takes
submissions, checks that the login owns the sender, and delivers to Dovecot. Tokens are asked about
at the sign-in service of ``servers.oauth``.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from servers.authority import Authority, ServerCertificate
from servers.needs import free_ports, program, wait_for_port
from servers.oauth import SignInService

DOMAIN = "firma.test"
# Passwords with everything that breaks careless clients.
PASSWORDS = {
    f"anna@{DOMAIN}": 'p"ass\\wört: 100% {x}',
    f"catchall@{DOMAIN}": "catch all",
    f"bounce@{DOMAIN}": "b" * 300,
    f"sales@{DOMAIN}": "sales",
}


@dataclass(frozen=True)
class MailServer:
    """Where the servers listen, on 127.0.0.1; certificates are for localhost and 127.0.0.1."""

    authority: Authority
    folder: Path
    imap: int
    imaps: int
    pop3: int
    pop3s: int
    submission: int = 0
    submissions: int = 0
    log: Path = Path()

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    folder = Path(tempfile.mkdtemp(prefix="authority-"))
    yield Authority(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mail_server(authority: Authority, running_sign_in: SignInService) -> Iterator[MailServer]:
    """Dovecot and Postfix together."""
    with running_mail_server(authority, running_sign_in.url) as server:
        yield server


@contextlib.contextmanager
def running_mail_server(authority: Authority, sign_in: str) -> Iterator[MailServer]:
    """The same for programs that are no tests; ``sign_in`` is where tokens are asked about."""
    dovecot = program("dovecot", "dovecot-imapd dovecot-pop3d dovecot-lmtpd")
    postfix = program("postfix", "postfix")
    if os.geteuid() != 0:
        text = "Postfix can only be started by root"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    # A short path: Unix sockets take 108 octets. Not below pytest's folder, which others
    # may not enter.
    folder = Path(tempfile.mkdtemp(prefix="mail-"))
    folder.chmod(0o755)
    imap, imaps, pop3, pop3s, submission, submissions = free_ports(6)
    server = MailServer(
        authority, folder, imap, imaps, pop3, pop3s, submission, submissions, folder / "mail.log"
    )
    certificate = authority.issue("localhost", "127.0.0.1", f"mail.{DOMAIN}")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(_dovecot(dovecot, server, certificate, sign_in))
        stack.enter_context(_postfix(postfix, server, certificate))
        yield server


@contextlib.contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that writes into a log, until the end of the block."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def _dovecot(
    binary: Path, server: MailServer, certificate: ServerCertificate, sign_in: str
) -> Iterator[None]:
    folder = server.folder / "dovecot"
    mail = folder / "mail"
    mail.mkdir(parents=True)
    folder.chmod(0o755)
    owner = pwd.getpwnam("nobody")
    os.chown(mail, owner.pw_uid, owner.pw_gid)
    users = folder / "users"
    users.write_text("".join(f"{user}:{_hashed(word)}\n" for user, word in PASSWORDS.items()))
    users.chmod(0o644)
    # Where the process that asks may read it: it runs as nobody.
    authority = folder / "authority.pem"
    shutil.copyfile(server.authority.ca_file, authority)
    tokens = folder / "oauth2.conf"
    tokens.write_text(f"""
introspection_url = {sign_in.replace("localhost", "127.0.0.1")}/introspect
introspection_mode = post
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
tls_ca_cert_file = {authority}
""")
    run = folder / "run"
    config = folder / "dovecot.conf"
    config.write_text(f"""
base_dir = {run}
state_dir = {folder / "state"}
log_path = {server.log}
auth_verbose = yes
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate.certificate}
ssl_key = <{certificate.key}
ssl_client_ca_file = {server.authority.ca_file}
disable_plaintext_auth = yes
auth_mechanisms = plain login cram-md5 xoauth2 oauthbearer
auth_failure_delay = 0
mail_max_userip_connections = 100
mail_location = maildir:{mail}/%u
mail_uid = nobody
mail_gid = {owner.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {tokens}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {users}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={mail}/%u
}}
service anvil {{
  chroot =
  # Wrong logins are tried here one after the other, and should not make each other slow.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  # Dovecot's "high-performance mode": one process for many logins.
  service_count = 0
  process_min_avail = 2
  inet_listener imap {{
    port = {server.imap}
  }}
  inet_listener imaps {{
    port = {server.imaps}
    ssl = yes
  }}
}}
service imap {{
  service_count = 1000
  client_limit = 20
  process_min_avail = 4
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {server.pop3}
  }}
  inet_listener pop3s {{
    port = {server.pop3s}
    ssl = yes
  }}
}}
service auth {{
  chroot =
  unix_listener {server.folder}/auth {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener {server.folder}/lmtp {{
    mode = 0666
  }}
}}
service stats {{
  chroot =
}}
""")
    with running([str(binary), "-F", "-c", str(config)], server.log):
        for port in (server.imap, server.imaps, server.pop3, server.pop3s):
            wait_for_port(port)
        yield


def _hashed(word: str) -> str:
    # A passwd-file splits at colons, so the password stands there as BASE64.
    import base64

    return "{PLAIN.b64}" + base64.b64encode(word.encode()).decode()


@contextlib.contextmanager
def _postfix(binary: Path, server: MailServer, certificate: ServerCertificate) -> Iterator[None]:
    folder = server.folder / "postfix"
    queue, data, config = folder / "queue", folder / "data", folder / "etc"
    for path in (queue, data, config):
        path.mkdir(parents=True)
    owner = pwd.getpwnam("postfix")
    os.chown(data, owner.pw_uid, owner.pw_gid)
    owners = config / "owners"
    everybody = [f"{local}@{DOMAIN}" for local in ("notifications", "bounce", "catchall", "anna")]
    owners.write_text("".join(f"{sender} anna@{DOMAIN}\n" for sender in everybody))
    recipients = config / "recipients"
    recipients.write_text("".join(f"{user} ok\n" for user in PASSWORDS))
    (config / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
myhostname = mail.{DOMAIN}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {server.log}
maillog_file_prefixes = {server.folder}
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = texthash:{recipients}
virtual_transport = lmtp:unix:{server.folder}/lmtp
smtpd_tls_cert_file = {certificate.certificate}
smtpd_tls_key_file = {certificate.key}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {server.folder}/auth
smtpd_sasl_auth_enable = yes
smtpd_sender_login_maps = texthash:{owners}
smtpd_delay_reject = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtp_dns_support_level = disabled
local_recipient_maps =
alias_maps =
alias_database =
""")
    submission = "-o smtpd_tls_auth_only=yes"
    (config / "master.cf").write_text(f"""
127.0.0.1:{server.submission} inet n - n - - smtpd -o smtpd_tls_security_level=may {submission}
127.0.0.1:{server.submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {submission}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
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
""")
    subprocess.run(
        [str(binary), "-c", str(config), "check"],
        check=False,
        capture_output=True,
        timeout=60,
    )
    with running([str(binary), "-c", str(config), "start-fg"], server.log):
        for port in (server.submission, server.submissions):
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
