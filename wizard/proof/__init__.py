"""The proof: a message that really goes out and really comes back."""
