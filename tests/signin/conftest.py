"""What every test of a sign-in needs: the way to the provider, a registered client."""

from pathlib import Path

import pytest

from servers.oauth import CLIENT, SECRET, Memory, SignInService
from wizard.model import Secret
from wizard.network import Network
from wizard.signin.registration import Registration


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def network(sign_in_service: SignInService) -> Network:
    return Network(ca_files=(Path(sign_in_service.ca_file),), stage_timeout=10)


@pytest.fixture
def registration(sign_in_service: SignInService) -> Registration:
    return Registration(sign_in_service.facts(), CLIENT, "firma.test", Secret(SECRET))
