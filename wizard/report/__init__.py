"""What is left in a hand at the end: the report, and a letter to each who has to act. No secret."""
