"""The window: Qt, and nothing that a test without Qt could decide."""
