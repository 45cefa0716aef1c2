"""Which addresses the platform receives at: pasted lists, ways to receive, what to create."""
