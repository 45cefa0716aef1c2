"""Exim of the system, started once per run on free ports with throw-away folders.

It takes submissions for ``firma.test`` and lets each login send as a few addresses only. A third
port takes passwords without encryption too, as careless servers do.
"""

import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from servers.authority import Authority
from servers.mail import DOMAIN, PASSWORDS, running
from servers.needs import free_ports, program, wait_for_port

USER = "Debian-exim"
PACKAGE = "run packaging/bootstrap.py test: it stands beside Postfix, which it conflicts with"


@dataclass(frozen=True)
class Exim:
    """Where it listens on 127.0.0.1, and its own log."""

    submission: int
    submissions: int
    careless: int
    log: Path

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def said_since(self, before: str, word: str) -> str:
        """What it logged behind ``before``, as soon as the word is in it."""
        until = time.monotonic() + 10
        while word not in (said := self.log_text().removeprefix(before)):
            if time.monotonic() > until:
                raise TimeoutError(said)
            time.sleep(0.02)
        return said


@pytest.fixture(scope="session")
def exim(authority: Authority) -> Iterator[Exim]:
    binary = program("exim4", PACKAGE)
    try:
        owner = pwd.getpwnam(USER)
        able = os.geteuid() == 0
    except KeyError:
        able = False
    if not able:
        text = f"Exim needs the user {USER} and can only be started by root"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    folder = Path(tempfile.mkdtemp(prefix="exim-"))
    folder.chmod(0o755)
    submission, submissions, careless = free_ports(3)
    server = Exim(submission, submissions, careless, folder / "log" / "mainlog")
    for name in ("spool", "log"):
        (folder / name).mkdir()
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    certificate = authority.issue("localhost", "127.0.0.1")
    for path in (certificate.certificate, certificate.key):
        shutil.copy(path, folder / path.suffix[1:])
        os.chown(folder / path.suffix[1:], owner.pw_uid, owner.pw_gid)
    (folder / "users").write_text("".join(f"{one}: {word}\n" for one, word in PASSWORDS.items()))
    config = folder / "exim.conf"
    config.write_text(_config(binary, folder, server))
    with running([str(binary), "-C", str(config), "-bdf"], folder / "output"):
        for port in (submission, submissions, careless):
            wait_for_port(port)
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def _config(binary: Path, folder: Path, server: Exim) -> str:
    known = f"${{lookup{{%s}}lsearch{{{folder}/users}}{{$value}}fail}}"
    careless = f"${{if eq{{$received_port}}{{{server.careless}}}{{*}}}}"
    return f"""
exim_path = {binary}
primary_hostname = exim.{DOMAIN}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
log_selector = +smtp_no_mail +smtp_connection +smtp_syntax_error
pid_file_path = {folder}/spool/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {server.submission} : {server.submissions} : {server.careless}
tls_on_connect_ports = {server.submissions}
tls_advertise_hosts = ${{if eq{{$received_port}}{{{server.careless}}}{{}}{{*}}}}
tls_certificate = {folder}/pem
tls_privatekey = {folder}/key
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{{careless}}}{{*}}}}
smtp_accept_max_per_host = 100
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = rcpt
acl_smtp_mail = mail

begin acl
mail:
  deny    !authenticated = *
          message = Authentication required
  accept  senders = $authenticated_id : notifications@{DOMAIN} : bounce@{DOMAIN}
  deny    message = $sender_address: not yours to send as
rcpt:
  accept  domains = {DOMAIN}
          condition = ${{lookup{{$local_part@$domain}}lsearch{{{folder}/users}}{{yes}}{{no}}}}
  deny    message = relay not permitted

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if eq{{$auth3}}{{{known % "$auth2"}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if eq{{$auth2}}{{{known % "$auth1"}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = {known % "$auth1"}
  server_set_id = $auth1
"""
