"""All that the product knows and does, without Qt.

The window (``ui``) and the command line (``wizard.cli``) call the same functions in here.
"""

__version__ = "0.1.0"
