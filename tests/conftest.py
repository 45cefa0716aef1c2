"""Real servers for all tests (see the modules of ``servers``)."""

pytest_plugins = ["servers.oauth", "servers.mail", "servers.exim", "servers.knot", "servers.way"]
