#!/usr/bin/env python3
"""Sets up everything on a fresh machine, then runs the wizard or the tests.

    python3 packaging/bootstrap.py run     the window; without a display the tour
    python3 packaging/bootstrap.py test    every check and test

Needs Python 3.11 or later and nothing else: it makes its own virtual environment in ``.venv``,
installs missing system libraries when it may, and otherwise says the exact line to type.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
TOUR = ROOT / "tour-output"
SCRIPTS = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = SCRIPTS / ("python.exe" if sys.platform == "win32" else "python")

# Shared library -> Debian package. Qt Widgets need these even without a display.
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
XCB_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
# Program -> Debian packages. The tests talk to these.
TEST_SERVERS = {
    "dovecot": ("dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd"),
    "postfix": ("postfix",),
    "knotd": ("knot",),
    "rspamd": ("rspamd",),
}
# Exim is the third mail server of the tests. It cannot be installed beside Postfix, so that its
# packages are unpacked into the environment; the libraries it needs are installed.
EXIM = ENVIRONMENT / "exim"
EXIM_USER = "Debian-exim"
EXIM_PACKAGES = ("exim4-daemon-light", "exim4-base")
EXIM_LIBRARIES = {
    "libgnutls-dane.so.0": "libgnutls-dane0",
    "libdb-5.3.so": "libdb5.3",
    "libpcre2-8.so.0": "libpcre2-8-0",
    "libidn.so.12": "libidn12",
    "libnsl.so.2": "libnsl2",
}


def main() -> int:
    if sys.version_info < (3, 11):
        return stop("Python 3.11 or later is needed; this is " + sys.version.split()[0])
    if len(sys.argv) < 2 or sys.argv[1] not in ("run", "test"):
        return stop("usage: python3 packaging/bootstrap.py run|test")
    job, rest = sys.argv[1], sys.argv[2:]
    if sys.platform.startswith("linux"):
        wanted = missing_libraries()
        if job == "test":
            wanted += missing_servers() + missing(EXIM_LIBRARIES)
        if wanted and not install(wanted):
            return 1
    if not make_environment(tests=job == "test"):
        return 1
    if job == "test" and shutil.which("apt-get"):
        unpack_exim()
    return run_tests(rest) if job == "test" else run_wizard(rest)


def stop(text: str) -> int:
    sys.stderr.write(text + "\n")
    return 2


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def missing_libraries() -> list[str]:
    """The Debian packages of shared libraries that Qt needs and that cannot be loaded."""
    needed = dict(QT_LIBRARIES)
    if os.environ.get("DISPLAY"):
        needed |= XCB_LIBRARIES
    packages = missing(needed)
    # Without any font Qt draws boxes.
    if not any(Path(folder).is_dir() for folder in ("/usr/share/fonts", "/usr/local/share/fonts")):
        packages.append("fonts-dejavu-core")
    return packages


def missing(libraries: dict[str, str]) -> list[str]:
    """The packages of those shared libraries that cannot be loaded."""
    packages = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    return packages


def unpack_exim() -> None:
    """Put Exim into the environment, and make the user it runs as. Without it its tests skip."""
    import pwd  # noqa: PLC0415 - Windows has none

    if os.geteuid() == 0 and EXIM_USER not in [user.pw_name for user in pwd.getpwall()]:
        adduser = ["useradd", "--system", "--user-group", "--no-create-home", EXIM_USER]
        subprocess.run(adduser, check=False)
    if (EXIM / "usr" / "sbin" / "exim4").exists():
        return
    say("Unpacking Exim for the tests …")
    with tempfile.TemporaryDirectory() as folder:
        # The unprivileged user that apt downloads as has to get in.
        Path(folder).chmod(0o777)
        download = ["apt-get", "download", "-qq", *EXIM_PACKAGES]
        subprocess.run(download, cwd=folder, stderr=subprocess.DEVNULL, check=False)
        for package in Path(folder).glob("*.deb"):
            unpack = ["dpkg-deb", "-x", str(package), str(EXIM)]
            subprocess.run(unpack, check=False)


def missing_servers() -> list[str]:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin"
    return [
        package
        for program, packages in TEST_SERVERS.items()
        if shutil.which(program, path=path) is None
        for package in packages
    ]


def install(packages: list[str]) -> bool:
    """Install Debian packages as root; otherwise say the line that does it."""
    line = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        say("Missing on this system (names of Debian packages): " + " ".join(packages))
        return False
    if os.geteuid() != 0:
        say("System packages are missing. Type this line, then start again:")
        say("  sudo apt-get update && sudo " + " ".join(line))
        return False
    say("Installing system packages: " + " ".join(packages))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], [*line, "-qq"]):
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            say("This did not work: " + " ".join(command))
            return False
    return True


def make_environment(*, tests: bool) -> bool:
    """Make or renew the virtual environment; does nothing when it is up to date."""
    state = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    state += " with tests" if tests else ""
    mark = ENVIRONMENT / ".set-up"
    if PYTHON.exists() and mark.exists() and mark.read_text().startswith(state):
        return True
    if not PYTHON.exists() and not create_environment():
        return False
    say("Installing Python packages into .venv (once, a minute or so) …")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    commands = [[*pip, "--upgrade", "pip>=25.1"], [*pip, "--editable", str(ROOT)]]
    if tests:
        commands.append([*pip, "--group", str(ROOT / "pyproject.toml") + ":dev"])
    for command in commands:
        if subprocess.run(command, check=False).returncode:
            say("This did not work: " + " ".join(command))
            return False
    mark.write_text(state + "\n")
    return True


def create_environment() -> bool:
    command = [sys.executable, "-m", "venv", str(ENVIRONMENT)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return True
    # Debian and Ubuntu keep ensurepip in a package of its own.
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    package = f"python3.{sys.version_info.minor}-venv"
    if not sys.platform.startswith("linux") or not install([package]):
        say(done.stdout + done.stderr)
        return False
    return subprocess.run(command, check=False).returncode == 0


def run_wizard(rest: list[str]) -> int:
    program = str(SCRIPTS / "mail-wizard")
    if rest or has_display():
        return subprocess.run([program, *rest], check=False).returncode
    say("There is no display here, so the wizard plays its tour with the practice company.")
    TOUR.mkdir(exist_ok=True)
    tour = [program, "tour", "--pictures", str(TOUR)]
    done = subprocess.run(tour, check=False, stdout=subprocess.PIPE, text=True)
    report = TOUR / "report.txt"
    report.write_text(done.stdout, encoding="utf-8")
    say(done.stdout)
    say(f"Pictures: {TOUR}")
    say(f"Report:   {report}")
    return done.returncode


def run_tests(rest: list[str]) -> int:
    """The quick checks first; all of them run, and any failure counts."""
    python = str(PYTHON)
    checks = [
        [python, "-m", "ruff", "format", "--check", "--quiet", "."],
        [python, "-m", "ruff", "check", "--quiet", "."],
        [python, "-m", "mypy", "--no-error-summary"],
        [str(SCRIPTS / "lint-imports")],
    ]
    failed = [
        " ".join(command)
        for command in ([] if rest else checks)
        if subprocess.run(command, cwd=ROOT, check=False).returncode
    ]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    tests = subprocess.run([python, "-m", "pytest", *rest], cwd=ROOT, env=environment, check=False)
    for command in failed:
        say(f"failed: {command}")
    return tests.returncode or (1 if failed else 0)


if __name__ == "__main__":
    sys.exit(main())
