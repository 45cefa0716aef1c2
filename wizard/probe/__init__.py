"""Conversations with mail servers: dialogues without sockets, and one driver that has them."""
