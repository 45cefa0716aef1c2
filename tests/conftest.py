"""Real servers for all tests (see the modules of ``servers``)."""

pytest_plugins = ["servers.mail", "servers.knot", "servers.way"]
