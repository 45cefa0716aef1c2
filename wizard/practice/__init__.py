"""The practice company: real servers on loopback, on which everything can be tried.

All of it runs on the caller's event loop and never talks to anything outside this machine. What
the wizard itself does with servers does not belong in here.
"""
