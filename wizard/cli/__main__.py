"""``python -m wizard.cli``: the command line where no script is installed."""

import sys

from wizard.cli.main import main

sys.exit(main())
