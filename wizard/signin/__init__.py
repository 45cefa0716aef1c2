"""Signing in with OAuth 2.0, as RFC 8252 has it for programs on a person's own machine.

What decides is pure: ``service``, ``client``, ``registration``, ``grants``, ``guide``, ``request``,
``answer``, ``token``, ``findings``. What touches the world is ``exchange``, ``loopback``,
``browser``; ``sign_in``, ``check`` and ``keeper`` put both together, ``desk`` all of it.
"""
