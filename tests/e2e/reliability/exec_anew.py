"""Imported into a process of Kayoi, begins it again as a program of its own: what is in LD_PRELOAD
is read then, and not at a fork."""

import os
import sys

os.execv(sys.executable, [sys.executable, "-m", "bot", *sys.argv[1:]])
