"""Real and scripted servers on loopback, for all tests."""
