"""Data only: facts, texts, icons. Read with ``importlib.resources``; no code belongs in here."""
