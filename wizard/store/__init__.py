"""What outlives the program: saved set-ups, and secrets in the system keyring."""
